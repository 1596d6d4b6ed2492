/** Which blueprint a request asks for, and whether it wants a front end. */
import { BLUEPRINTS, blueprintOf } from '../registry.ts';
import type { Stack } from '../model.ts';

/** Words that ask for a project without pages. */
const NO_FRONTEND =
  /\b(no |without (an? |any )?)(front ?end|ui|user interface|react)\b|\b(back ?end|api|server)[ -]only\b|\bonly (an? |the )?(back ?end|api|server)\b|\bheadless\b/g;
/** `a REST API for books`: the thing itself is an API. */
const JUST_AN_API =
  /\b(build|create|make|write|develop|an?) (an? )?(simple |small )?((rest|http|json|web) )?(api|back ?end|micro ?service) (for|to|that|with|of)\b/;
const WANTS_PAGES = /\b(react|front ?end|ui|user interface|pages?|screens?|web ?site|web app(lication)?|vite)\b/;

export interface ChosenStack {
  readonly stack: Stack;
  /** The text without the words that chose it. */
  readonly rest: string;
  readonly assumed: readonly string[];
}

/** The first blueprint that the words name, else FastAPI. */
export function takeStack(text: string): ChosenStack {
  const without = text.replace(NO_FRONTEND, ' ');
  const saysNone = without !== text;
  const named = BLUEPRINTS.find(({ words }) => words.test(without));
  const blueprint = named ?? blueprintOf('fastapi');
  const rest = named === undefined ? without : without.replace(new RegExp(named.words.source, 'g'), ' ');
  const asksForApi = [text, rest.replace(/\s+/g, ' ')].some((words) => JUST_AN_API.test(words));
  const justApi = !saysNone && asksForApi && !WANTS_PAGES.test(text);
  const frontend = saysNone || justApi || !blueprint.hasFrontend ? null : 'react';
  return {
    stack: { blueprint: blueprint.id, frontend },
    rest,
    assumed: [
      ...(blueprint.standsIn?.words.test(without) === true ? [blueprint.standsIn.said] : []),
      ...(justApi && blueprint.hasFrontend ? ['no front end: the request asks for an API'] : []),
    ],
  };
}
