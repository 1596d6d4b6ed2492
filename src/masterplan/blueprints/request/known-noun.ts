/**
 * Entities that requests name, with the fields and relations that suit them. Matching is by words (singular or plural), not by
 * meaning. A relation is made only where the project has its target; `instead` is a field that stands in for it otherwise.
 */
export interface KnownRelation {
  /** Written as in field-text.ts. */
  readonly relation: string;
  /** Field used where the target is not part of the project. */
  readonly instead?: string;
}

export interface KnownNoun {
  readonly noun: string;
  readonly aliases?: readonly string[];
  readonly fields: readonly string[];
  readonly relations?: readonly (string | KnownRelation)[];
  /** Relations of which only the first with a target in the project is made. */
  readonly oneOf?: readonly string[];
  /** Relations of many with many, written as in field-text.ts; made where the target is in the project. */
  readonly many?: readonly string[];
  /** Pairs of fields of which the second must not lie before the first. */
  readonly order?: readonly (readonly [string, string])[];
}
