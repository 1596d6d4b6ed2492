/** Languages that declare: nothing in them is called, decided or returned. */
import type { LanguageRules } from './language-rules.ts';

export const JSON_RULES: LanguageRules = {
  comments: ['comment'],
  blocks: ['document'],
  containers: ['object', 'array'],
  opaque: ['string'],
  callables: [],
  declarations: ['pair'],
  decisions: [],
  nameFields: ['key'],
};

export const YAML: LanguageRules = {
  comments: ['comment'],
  blocks: ['stream', 'document', 'block_mapping', 'block_sequence'],
  containers: ['flow_mapping', 'flow_sequence'],
  opaque: ['block_scalar', 'double_quote_scalar', 'single_quote_scalar', 'plain_scalar'],
  callables: [],
  declarations: ['block_mapping_pair'],
  decisions: [],
  nameFields: ['key'],
};

export const TOML: LanguageRules = {
  comments: ['comment'],
  blocks: ['document', 'table', 'table_array_element'],
  containers: ['array', 'inline_table'],
  opaque: ['string'],
  heads: ['bare_key', 'dotted_key', 'quoted_key'],
  callables: [],
  declarations: [],
  decisions: [],
};

export const CSS: LanguageRules = {
  comments: ['comment', 'js_comment'],
  blocks: ['stylesheet', 'block', 'keyframe_block_list'],
  containers: ['selectors', 'arguments', 'declaration'],
  opaque: ['string_value'],
  callables: [],
  types: ['media_statement', 'keyframes_statement', 'supports_statement', 'at_rule'],
  declarations: ['rule_set'],
  decisions: [],
  imports: ['import_statement'],
};

export const HTML: LanguageRules = {
  comments: ['comment'],
  blocks: [],
  rows: ['document', 'element', 'start_tag', 'self_closing_tag', 'script_element', 'style_element'],
  opaque: ['quoted_attribute_value', 'attribute_value'],
  lineLeaves: ['raw_text', 'text'],
  heads: ['start_tag', 'tag_name', 'doctype'],
  closers: ['end_tag'],
  callables: [],
  declarations: ['element'],
  decisions: [],
};
