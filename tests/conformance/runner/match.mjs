// Compares a message with a pattern, and fills variables in.

const SPECIAL = /^<([\s\S]*)>$/;

/// Where `value` differs from `pattern`, as lines of text; none if it fits. `variables` gains what the pattern captures.
///
/// Objects: every member of the pattern has to fit; further members are allowed. Arrays: same length, item by item;
/// ["<contains>", p…]: every p fits some item; ["<either>", p…]: one of them fits. The words in angle brackets are listed in ../scripts/README.md.
export function mismatches(pattern, value, variables, path = '') {
  const here = path === '' ? 'message' : path;
  const differs = (what) => [`${here}: expected ${what}, found ${show(value)}`];

  if (typeof pattern === 'string') {
    const special = SPECIAL.exec(pattern);
    if (special) return compareSpecial(special[1], value, variables, differs);
    const expected = fill(pattern, variables);
    return Object.is(expected, value) ? [] : differs(show(expected));
  }
  if (Array.isArray(pattern)) {
    if (pattern[0] === '<either>') {
      return pattern.slice(1).some((wanted) => mismatches(wanted, value, variables).length === 0)
        ? [] : differs(`one of ${show(pattern.slice(1))}`);
    }
    if (!Array.isArray(value)) return differs('an array');
    if (pattern[0] === '<contains>') {
      return pattern.slice(1).flatMap((wanted) =>
        value.some((item) => mismatches(wanted, item, variables).length === 0) ? [] : differs(closest(wanted, value)));
    }
    if (pattern.length !== value.length) return differs(`${pattern.length} item(s)`);
    return pattern.flatMap((item, index) => mismatches(item, value[index], variables, `${path}[${index}]`));
  }
  if (pattern !== null && typeof pattern === 'object') {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return differs('an object');
    return Object.entries(pattern).flatMap(([name, wanted]) =>
      mismatches(wanted, value[name], variables, path === '' ? name : `${path}.${name}`));
  }
  return Object.is(pattern, value) ? [] : differs(show(pattern));
}

function compareSpecial(word, value, variables, differs) {
  const type = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  const isInteger = Number.isInteger(value);
  switch (word) {
    case 'any': return value === undefined ? differs('anything') : [];
    case 'absent': return value === undefined ? [] : differs('no such member');
    case 'integer': return isInteger ? [] : differs('an integer');
    case 'string': case 'number': case 'boolean': case 'object': case 'array':
      return type === word ? [] : differs(`a value of type ${word}`);
    case 'empty object': return type === 'object' && Object.keys(value).length === 0 ? [] : differs('{}');
    default:
  }
  const set = /^set (\w+)$/.exec(word);
  if (set) {
    if (value === undefined) return differs(`a value to call $${set[1]}`);
    variables[set[1]] = value;
    return [];
  }
  const not = /^not (\$\w+)$/.exec(word);
  if (not) return Object.is(fill(not[1], variables), value) ? differs(`something other than ${show(value)}`) : [];
  const expression = /^~ ([\s\S]+)$/.exec(word);
  if (expression) {
    return typeof value === 'string' && new RegExp(expression[1], 'u').test(value)
      ? [] : differs(`text that fits /${expression[1]}/`);
  }
  return differs(`(unknown word <${word}> in the pattern)`);
}

/// `$name` alone becomes the variable's value with its type; `${name}` within a text becomes part of it. Objects and
/// arrays are gone through.
export function fill(template, variables) {
  const get = (name) => {
    if (!(name in variables)) throw new Error(`the variable $${name} has no value yet`);
    return variables[name];
  };
  if (typeof template === 'string') {
    const whole = /^\$(\w+)$/.exec(template);
    if (whole) return get(whole[1]);
    return template.replace(/\$\{(\w+)\}/g, (_, name) => String(get(name)));
  }
  if (Array.isArray(template)) return template.map((item) => fill(item, variables));
  if (template !== null && typeof template === 'object') {
    return Object.fromEntries(Object.entries(template).map(([name, item]) => [name, fill(item, variables)]));
  }
  return template;
}

/// What to tell about an array without the wanted item: how the item of the same name differs, if there is one.
function closest(wanted, array) {
  const sameName = wanted?.name === undefined ? undefined : array.find((item) => item?.name === wanted.name);
  return sameName === undefined ? `an item like ${show(wanted)}`
    : `an item like ${show(wanted)} (${mismatches(wanted, sameName, {}, wanted.name).join('; ')})`;
}

export function show(value) {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
