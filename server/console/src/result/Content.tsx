// The result of a call: each block by its kind, the structured content as table and tree.

import { CallToolResult, ContentBlock, Json, ResourceContents, Schema } from '../mcp/types';
import { JsonTree, ObjectTable, tableOf } from './JsonTree';
import { looksLikeMarkdown, Markdown } from './Markdown';

export function Result({ result, schema, openResource }: { result: CallToolResult; schema?: Schema; openResource?: (uri: string) => void }) {
  const rows = tableOf(result.structuredContent);
  // Tools repeat structured content as text for clients that know no other; here once is enough.
  const repeated = JSON.stringify(result.structuredContent);
  const blocks = (result.content ?? []).filter((block) => block.type !== 'text' || repeated === undefined || JSON.stringify(parsed(block.text ?? '')) !== repeated);
  return <div class={result.isError ? 'result bad' : 'result'}>
    {result.isError ? <p class="fault" role="alert">The tool reports an error.</p> : null}
    {blocks.map((block, i) => <Block key={i} block={block} openResource={openResource} />)}
    {result.structuredContent !== undefined && result.structuredContent !== null ? <section>
      <h4>Structured content</h4>
      {rows ? <ObjectTable rows={rows} /> : null}
      <div class="beside"><JsonTree value={result.structuredContent} open={!rows} />
        {schema ? <details class="schema"><summary>Its schema</summary><JsonTree value={schema as unknown as Json} /></details> : null}</div>
    </section> : null}
    {!(result.content?.length) && result.structuredContent === undefined ? <p class="dim">An empty result.</p> : null}
  </div>;
}

export function Block({ block, openResource }: { block: ContentBlock; openResource?: (uri: string) => void }) {
  switch (block.type) {
    case 'text': return <Text text={block.text ?? ''} />;
    case 'image': return <Image data={block.data ?? ''} mimeType={block.mimeType ?? ''} />;
    case 'audio': return <audio controls src={dataUri(block.data ?? '', block.mimeType ?? 'audio/wav')} />;
    case 'resource': return <Contents contents={block.resource!} />;
    case 'resource_link': return <p><button class="link" onClick={() => openResource?.(block.uri ?? '')}>{block.title ?? block.name ?? block.uri}</button>
      {' '}<code class="dim">{block.uri}</code>{block.description ? ` ${block.description}` : ''}</p>;
    default: return <JsonTree value={block as unknown as Json} />;
  }
}

export function Contents({ contents }: { contents: ResourceContents }) {
  const type = contents.mimeType ?? '';
  return <section class="contents">
    <p><code>{contents.uri}</code> <span class="dim">{type}</span></p>
    {contents.text !== undefined ? <Text text={contents.text} mimeType={type} />
      : type.startsWith('image/') ? <Image data={contents.blob ?? ''} mimeType={type} />
        : type.startsWith('audio/') ? <audio controls src={dataUri(contents.blob ?? '', type)} />
          : <p class="dim">{Math.round((contents.blob ?? '').length * 0.75)} bytes, <a download={contents.uri.split('/').pop()} href={dataUri(contents.blob ?? '', 'application/octet-stream')}>download</a></p>}
  </section>;
}

function Text({ text, mimeType = '' }: { text: string; mimeType?: string }) {
  const json = mimeType.includes('json') || /^\s*[[{]/.test(text) ? parsed(text) : undefined;
  if (json !== undefined) return <JsonTree value={json} />;
  if (mimeType === 'text/markdown' || (mimeType === '' && looksLikeMarkdown(text))) return <Markdown text={text} />;
  return <pre class="text" tabIndex={0}>{text}</pre>;
}

function parsed(text: string): Json | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' ? value : undefined;
  } catch {
    return undefined;
  }
}

// The page's policy allows data: for images and audio only; an SVG is shown as an image, where scripts do not run.
function dataUri(data: string, mimeType: string): string {
  return `data:${mimeType.replace(/[^\w/+.-]/g, '')};base64,${data}`;
}

function Image({ data, mimeType }: { data: string; mimeType: string }) {
  return <img class="shown" src={dataUri(data, mimeType)} alt={`An image of type ${mimeType}`} />;
}
