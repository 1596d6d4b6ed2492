/** Whether the projects of one kind can be checked here, in words for an operator. */
export interface ToolchainState {
  readonly name: string;
  readonly available: boolean;
  readonly detail: string;
}
