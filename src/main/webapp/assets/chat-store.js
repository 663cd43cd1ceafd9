/** What a browser remembers of the chat: its rooms, for all of its windows; a guest's name, for this window alone. */

const ROOMS = 'sluice.rooms';
const NAME = 'sluice.name';
const MOST = 20;

export class OpenRooms {
  get names() {
    const names = read();
    return names.slice(-MOST);
  }

  add(name) {
    const names = read();
    if (!names.includes(name)) write([...names, name].slice(-MOST));
  }

  remove(name) {
    write(read().filter((one) => one !== name));
  }
}

export function storedName() {
  return sessionStorage.getItem(NAME) ?? '';
}

export function storeName(name) {
  sessionStorage.setItem(NAME, name);
}

/** Whatever is there, it is a list of texts in the end. */
function read() {
  try {
    const names = JSON.parse(localStorage.getItem(ROOMS) ?? '[]');
    return Array.isArray(names) ? names.filter((name) => typeof name === 'string' && name !== '') : [];
  } catch {
    return [];
  }
}

function write(names) {
  localStorage.setItem(ROOMS, JSON.stringify(names));
}
