/** The corner of the page that says who is signed in, and the dialog to do so. */
import { byId, el, show } from './dom.js';
import { explain } from './words.js';

const DEMO_ACCOUNTS = [
  ['alice@example.com', 'alice-demo', 'role user'],
  ['bob@example.com', 'bob-demo', 'role user'],
  ['admin@example.com', 'admin-demo', 'role admin'],
];

export class SignIn {
  #session;
  #dialog = byId('sign-in');
  #form = this.#dialog.querySelector('form');
  #error = this.#dialog.querySelector('.notice');

  constructor(session) {
    this.#session = session;
    session.addEventListener('change', () => this.#showUser());
    byId('account').onclick = () => (session.user ? session.signOut() : this.open());
    this.#dialog.querySelector('.cancel').onclick = () => this.#dialog.close();
    this.#form.onsubmit = (event) => {
      event.preventDefault();
      this.#submit();
    };
    this.#showUser();
  }

  open() {
    show(this.#error, false);
    this.#dialog.showModal();
  }

  /** Offers the demo's own accounts; for a server that says it is one. */
  offerDemoAccounts() {
    const box = byId('demo-accounts');
    box.replaceChildren(el('p', {}, 'This server is a demo. Take one of its accounts:'), ...this.#demoButtons());
    show(box, true);
  }

  #demoButtons() {
    return DEMO_ACCOUNTS.map(([email, password, role]) => {
      const fill = () => this.#fill(email, password);
      return el('button', { type: 'button', className: 'account', onclick: fill }, email, el('small', {}, role));
    });
  }

  #fill(email, password) {
    this.#form.elements.email.value = email;
    this.#form.elements.password.value = password;
    this.#form.querySelector('[type=submit]').focus();
  }

  async #submit() {
    const { email, password } = this.#form.elements;
    try {
      await this.#session.signIn(email.value, password.value);
      password.value = '';
      this.#dialog.close();
    } catch (error) {
      this.#refuse(error);
    }
  }

  #refuse(error) {
    const wrong = error.code === 'wrong_credentials';
    const { title, detail } = wrong ? { title: error.title, detail: error.detail } : explain(error);
    this.#error.replaceChildren(el('strong', {}, title), detail);
    show(this.#error, true);
  }

  #showUser() {
    const { user } = this.#session;
    byId('who').textContent = user ? user.name || user.email : '';
    byId('account').textContent = user ? 'Sign out' : 'Sign in';
  }
}
