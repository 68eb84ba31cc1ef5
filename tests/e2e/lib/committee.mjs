// What `conclave_committee` says, as people read it and as scenarios wait for it.

/** One line: what the committee is doing. */
export function describe({ committee, attempt: running, ready, missingPairs }) {
  const parts = [];
  if (running) {
    const { epoch, attempt, kind, phase, deadline, dealers, members, threshold } = running;
    const what = kind === 'reshare' ? `reshare by ${dealers}` : 'key generation';
    const of = ['commit', 'deal'].includes(phase) ? dealers : members;
    const done = { commit: 'committed', deal: 'dealt', complain: 'reported', confirm: 'confirmed' }[phase];
    parts.push(
      `${what} for epoch ${epoch}, attempt ${attempt} (${threshold} of ${members}): ${phase}` +
        (done ? `, ${running[done].length} of ${of} ${done}, until block ${deadline}` : ''),
    );
  }
  if (committee) {
    const { epoch, attempt, threshold, members } = committee;
    const waiting = Object.keys(ready).filter((scheme) => !ready[scheme]);
    const connected = members.filter((member) => member.connected).length;
    parts.push(
      `committee of epoch ${epoch}, attempt ${attempt} (${threshold} of ${members.length}) active, ${connected} of ${members.length} connected, ` +
        (waiting.length ? `not ready to sign with ${waiting.join(', ')}` : 'ready to sign') +
        (missingPairs.length ? `, ${missingPairs.length} pairs to set up` : ''),
    );
  }
  return parts.join('; ') || 'no committee yet';
}

/** Whether this node can sign with every scheme. */
export const signsEverything = ({ committee, ready }) => Boolean(committee) && Object.values(ready).length > 0 && Object.values(ready).every(Boolean);

/** Whether this node can sign with every scheme, and goes on when as many fall away as the threshold allows. */
export const survivesLosses = (status) => signsEverything(status) && status.missingPairs.length === 0;

/** Whether it survives losses, and nobody is lost now. */
export const isWhole = (status) => survivesLosses(status) && status.committee.members.every(({ connected }) => connected);

/** Whether this node can sign with each of these. */
export const signsWith = (...schemes) => ({ committee, ready }) => Boolean(committee) && schemes.every((scheme) => ready[scheme]);

/** Calls `print` whenever the description changes, until `done(status)`; returns that status. */
export async function watchCommittee(devnet, { rpc = devnet.nodes[0].rpc, print = console.log, done = signsEverything, timeout = 600_000 } = {}) {
  let said;
  return devnet.waitFor(
    'the committee',
    async () => {
      const status = await rpc('conclave_committee');
      const now = describe(status);
      if (now !== said) print(`block ${status.finalized} finalized: ${now}`);
      said = now;
      return done(status) && status;
    },
    { timeout, every: 1_000 },
  );
}

/** What must not change while the keys stay the same. */
export const keysOf = ({ committee: { epoch, attempt, keyset, rootKeys } }) => ({ epoch, attempt, keyset, rootKeys });

/** What stays the same also when the members change. */
export const publicKeysOf = ({ committee: { keyset, rootKeys } }) => ({ keyset, rootKeys });

/** The participant index of the member with this transport key (hex with 0x). */
export function indexOf({ committee }, transport) {
  const member = committee.members.find((member) => member.transport.toLowerCase() === transport);
  if (!member) throw new Error(`no member has the transport key ${transport}: the genesis preset and --node-key differ`);
  return member.index;
}
