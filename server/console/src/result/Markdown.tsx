// Markdown as elements: headings, paragraphs, lists, code, quotes, tables of text, emphasis, links. Nothing becomes HTML, so
// that whatever a tool returns stays text.

import { ComponentChildren } from 'preact';

export function looksLikeMarkdown(text: string): boolean {
  return /^(#{1,6} |[-*] |\d+\. |> |```|\|.*\|)/m.test(text) || /\*\*[^*\n]+\*\*|\[[^\]\n]+\]\([^)\s]+\)/.test(text);
}

const INLINE = /(`[^`]+`)|(\*\*[^*]+\*\*)|(\*[^*\s][^*]*\*)|(\[[^\]]+\]\([^)\s]+\))/;

function inline(text: string): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let rest = text;
  for (let match = INLINE.exec(rest); match; match = INLINE.exec(rest)) {
    parts.push(rest.slice(0, match.index));
    const found = match[0];
    if (match[1]) parts.push(<code>{found.slice(1, -1)}</code>);
    else if (match[2]) parts.push(<strong>{inline(found.slice(2, -2))}</strong>);
    else if (match[3]) parts.push(<em>{inline(found.slice(1, -1))}</em>);
    else {
      const [, label, target] = /\[([^\]]+)\]\(([^)\s]+)\)/.exec(found)!;
      parts.push(/^https?:/.test(target) ? <a href={target} rel="noreferrer noopener" target="_blank">{label}</a> : `${label} (${target})`);
    }
    rest = rest.slice(match.index + found.length);
  }
  parts.push(rest);
  return parts;
}

const cells = (line: string) => line.replace(/^\||\|$/g, '').split('|').map((cell) => cell.trim());

export function Markdown({ text }: { text: string }) {
  const lines = text.split(/\r?\n/);
  const blocks: ComponentChildren[] = [];
  let i = 0;
  const take = (fits: RegExp) => {
    const taken: string[] = [];
    while (i < lines.length && fits.test(lines[i])) taken.push(lines[i++]);
    return taken;
  };
  while (i < lines.length) {
    const line = lines[i];
    const heading = /^(#{1,6}) (.*)$/.exec(line);
    if (line.trim() === '') ++i;
    else if (line.startsWith('```')) {
      const code: string[] = [];
      for (++i; i < lines.length && !lines[i].startsWith('```'); ++i) code.push(lines[i]);
      ++i;
      blocks.push(<pre tabIndex={0}><code>{code.join('\n')}</code></pre>);
    } else if (heading) {
      ++i;
      blocks.push(<p class={`heading level${heading[1].length}`} role="heading" aria-level={Math.min(6, heading[1].length + 2)}>{inline(heading[2])}</p>);
    } else if (/^\s*[-*] /.test(line)) {
      blocks.push(<ul>{take(/^\s*[-*] /).map((item) => <li>{inline(item.replace(/^\s*[-*] /, ''))}</li>)}</ul>);
    } else if (/^\s*\d+\. /.test(line)) {
      blocks.push(<ol>{take(/^\s*\d+\. /).map((item) => <li>{inline(item.replace(/^\s*\d+\. /, ''))}</li>)}</ol>);
    } else if (line.startsWith('>')) {
      blocks.push(<blockquote>{inline(take(/^>/).map((quoted) => quoted.replace(/^> ?/, '')).join(' '))}</blockquote>);
    } else if (/^\|.*\|\s*$/.test(line) && /^\|[\s:|-]+\|\s*$/.test(lines[i + 1] ?? '')) {
      const [head, , ...rows] = take(/^\|.*\|\s*$/);
      blocks.push(<div class="scroll"><table><thead><tr>{cells(head).map((cell) => <th scope="col">{inline(cell)}</th>)}</tr></thead>
        <tbody>{rows.map((row) => <tr>{cells(row).map((cell) => <td>{inline(cell)}</td>)}</tr>)}</tbody></table></div>);
    } else blocks.push(<p>{inline(take(/^(?!\s*$|#{1,6} |\s*[-*] |\s*\d+\. |>|```)/).join('\n') || lines[i++])}</p>);
  }
  return <div class="markdown">{blocks}</div>;
}
