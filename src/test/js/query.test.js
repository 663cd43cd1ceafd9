import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportFileName } from '../../main/webapp/client/export.js';
import { exportPath, isComplete, listItems } from '../../main/webapp/assets/query.js';

const USERS = { dataset: 'users', format: 'csv', columns: null };

function filtered(column, operator, value = '') {
  return exportPath({ ...USERS, filters: [{ column, operator, value }] });
}

test('everything of a dataset needs no parameter', () => {
  assert.equal(exportPath(USERS), 'api/export/users.csv');
});

test('columns, filters and order keep their sequence', () => {
  const path = exportPath({
    ...USERS,
    columns: ['id', 'email'],
    filters: [
      { column: 'name', operator: 'ilike', value: 'a*' },
      { column: 'name', operator: 'neq', value: 'Al' },
    ],
    order: [
      { column: 'created_at', descending: true },
      { column: 'id', descending: false },
    ],
  });
  assert.equal(
    path,
    'api/export/users.csv?select=id,email&name=ilike.a*&name=neq.Al&order=created_at.desc,id',
  );
});

test('operators without a value take none', () => {
  assert.equal(filtered('name', 'is.null', 'left over'), 'api/export/users.csv?name=is.null');
  assert.equal(filtered('name', 'not.is.null'), 'api/export/users.csv?name=not.is.null');
});

test('a filter without its value is not sent', () => {
  assert.equal(filtered('name', 'eq', ''), 'api/export/users.csv');
  assert.equal(isComplete({ operator: 'eq', value: '' }), false);
  assert.equal(isComplete({ operator: 'is.null', value: '' }), true);
});

test('a list quotes what its own syntax would take apart', () => {
  assert.equal(filtered('name', 'in', 'a, b'), 'api/export/users.csv?name=in.(a,b)');
  assert.equal(
    decodeURIComponent(filtered('name', 'in', '"x, y",(z)')),
    'api/export/users.csv?name=in.("x, y","(z)")',
  );
  assert.deepEqual(listItems(' one ,"two, \\"2\\"",, three'), ['one', 'two, "2"', 'three']);
});

test('a column whose name means something else is quoted', () => {
  assert.equal(filtered('limit', 'eq', '1'), 'api/export/users.csv?%22limit%22=eq.1');
  assert.equal(filtered('a b"c', 'eq', '1'), 'api/export/users.csv?%22a%20b%22%22c%22=eq.1');
  assert.equal(
    exportPath({ ...USERS, columns: ['a,b'], order: [{ column: 'x.y', descending: true }] }),
    'api/export/users.csv?select=%22a,b%22&order=%22x.y%22.desc',
  );
});

test('a parameter that a dataset declares hides a column of its name, unless quoted', () => {
  const path = exportPath({
    ...USERS,
    parameters: { region: 'north' },
    filters: [{ column: 'region', operator: 'eq', value: 'south' }],
  });
  assert.equal(path, 'api/export/users.csv?region=north&%22region%22=eq.south');
});

test('values survive the address: signs, quotes, emoji, half a surrogate pair', () => {
  const values = ["O'Neil & Sons + 50% #1", '\u{1f30a}', '{"a":[1]}', 'ä=ö'];
  for (const value of values) {
    const query = new URL(filtered('name', 'eq', value), 'http://x/').searchParams;
    assert.equal(query.get('name'), `eq.${value}`);
  }
  assert.ok(!filtered('name', 'eq', "it's").includes("'"));
});

test('options belong to CSV alone', () => {
  assert.equal(exportPath({ ...USERS, header: false, excel: true }), 'api/export/users.csv?header=false&excel=true');
  assert.equal(exportPath({ ...USERS, format: 'json', header: false, excel: true }), 'api/export/users.json');
});

test('a dataset whose name the short path cannot carry goes into the query', () => {
  assert.equal(exportPath({ ...USERS, dataset: 'a/b c' }), 'api/export?dataset=a%2Fb%20c&format=csv');
  assert.equal(exportPath({ ...USERS, dataset: 'x', names: ['x', 'x.csv'] }), 'api/export?dataset=x&format=csv');
  assert.equal(exportPath({ ...USERS, dataset: 'public.orders' }), 'api/export/public.orders.csv');
});

test('a file name keeps nothing that a file system refuses', () => {
  assert.equal(exportFileName('a/b:c', 'csv'), 'a_b_c.csv');
});
