/** RFC 8288 link to the next page: the same query with another cursor. */
export function nextLink(url: string, cursor: string): string {
  const next = new URL(url, 'http://self');
  next.searchParams.set('cursor', cursor);
  return `<${next.pathname}${next.search}>; rel="next"`;
}
