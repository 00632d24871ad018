import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isHostPort, parseGoUrl, splitHost, type GoUrlOptions } from '../../../lib/go/url';

const isUrl = (text: string, options?: GoUrlOptions) => typeof parseGoUrl(text, options) !== 'string';

describe('a URL, read as Go reads it', () => {
  it('is taken apart', () => {
    const nothing = { scheme: '', opaque: '', host: '', path: '', hasUser: false };
    for (const [text, parts] of [
      ['HTTP://Host:80/a%20b?c#d', { scheme: 'http', host: 'Host:80', path: '/a b' }],
      ['x+y-1.z:opaque/part?q', { scheme: 'x+y-1.z', opaque: 'opaque/part' }],
      ['h://u:p@[fd00::1]:8/%C3%A4/ä', { scheme: 'h', host: '[fd00::1]:8', path: '/ä/ä', hasUser: true }],
      ['//host/path', { host: 'host', path: '/path' }],
      ['///path', { path: '///path' }],
      ['h:///path', { scheme: 'h', path: '/path' }],
      ['host/a:b', { path: 'host/a:b' }],
      ['1a://b', undefined],
      ['', {}],
      ['*', { path: '*' }],
      ['h://x?y/z', { scheme: 'h', host: 'x' }],
      ['h://a:b:7/', { scheme: 'h', host: 'a:b:7', path: '/' }],
    ] as const) {
      const found = parseGoUrl(text);
      if (parts === undefined) assert.equal(typeof found, 'string', text);
      else assert.deepEqual(found, { ...nothing, ...parts }, text);
    }
  });

  it('is refused where Go refuses it', () => {
    for (const text of [
      ':x',
      'h://[fd00::1',
      'h://a[fd00::1]',
      'h://[fd00::1]x',
      'h://[fd00::1]:8x',
      'h://[198.51.100.4]',
      'h://[fd00::1%25]',
      'h://[fd00::1%25%2f]',
      'h://[fd00::1%25%8a]',
      'h://a:8x',
      'h://a b',
      'h://a{b}',
      'h://a\\b',
      'h://a%20b',
      'h://ü{',
      'h://a^b@c',
      'h://%@c',
      'h://c/%',
      'h://c/%a',
      'h://c/%ag',
      'h://c/#%x',
      'h://c/\u007f',
      'h://c/\n',
    ]) {
      assert.ok(!isUrl(text), text);
    }
    for (const text of [
      'h://a<b>"',
      "h://!$&'()*+,;=~_",
      'h://ü%c3',
      'h://a%25',
      'h://[fd00::1%25a%20%25]',
      'h://@@c',
      'h://c/{ }',
    ]) {
      assert.ok(isUrl(text), text);
    }
  });

  it('has to be absolute in a request, and has no fragment there', () => {
    for (const text of ['', 'a/b', '?x', 'images']) assert.ok(!isUrl(text, { isRequest: true }), text);
    for (const text of ['/a', '*', 'a:b', '//a{', 'h://a/#%25']) assert.ok(isUrl(text, { isRequest: true }), text);
    assert.ok(!isUrl('h://a/#%', { isRequest: true }));
  });

  it('has one colon in the host of http from Go 1.26 on', () => {
    for (const text of ['http://a:b:7/', 'https://fd00::1/']) {
      assert.ok(isUrl(text), text);
      assert.ok(!isUrl(text, { hasStrictColons: true }), text);
    }
    assert.ok(isUrl('ftp://a:b:7/', { hasStrictColons: true }));
    assert.ok(isUrl('http://a:7/', { hasStrictColons: true }));
  });

  it('gives name and port of its host', () => {
    for (const [host, name, port] of [
      ['a:1', 'a', '1'],
      ['[fd00::1]', 'fd00::1', ''],
      ['[fd00::1]:', 'fd00::1', ''],
      ['a:x', 'a:x', ''],
      [':7', '', '7'],
    ] as const) {
      assert.deepEqual(splitHost(host), { name, port }, host);
    }
  });
});

describe('host:port, read as Go reads it', () => {
  it('has one colon, or the one behind a bracket', () => {
    for (const text of ['a:1', ':', 'a:', '[a]:1', '[a:b]:1', 'a\n:x/?']) assert.ok(isHostPort(text), text);
    for (const text of ['', 'a', 'a:b:1', '[a]', '[a]b:1', '[a]::1', '[a', 'a]:1', 'a:[', '[[a]:1', '[a]:1]']) {
      assert.ok(!isHostPort(text), text);
    }
  });
});
