// Private agent: an API key that only this action can read, used against an API in the style of those for language models.
//
// jsParams: prompt, key ({ ciphertext, dataToEncryptHash }), apiUrl, model.
// The key was encrypted to the condition below: whoever runs other code, the owner included, gets nothing. One member asks
// the API, so that it is paid once; the others take its answer. The key is in no response, and in no log.

const accessControlConditions = [{
    conditionType: 'evmBasic', contractAddress: '', standardContractType: '', chain: 'ethereum', method: '',
    parameters: [':currentActionIpfsId'], returnValueTest: { comparator: '=', value: Lit.Auth.actionIpfsIds[0] },
}];

const reply = await Lit.Actions.runOnce({ waitForResponse: true, name: 'completion' }, async () => {
    const apiKey = await Lit.Actions.decryptToSingleNode({ accessControlConditions, ...key, authSig: null, chain: 'ethereum' });
    const answer = await fetch(apiUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
        body: JSON.stringify({ model, temperature: 0, messages: [{ role: 'user', content: prompt }] }),
    });
    if (!answer.ok) throw new Error(`the API answered ${answer.status}`);
    const { choices } = await answer.json();
    return choices[0].message.content;
});
if (reply === '[ERROR]') throw new Error('the completion failed');
Lit.Actions.setResponse({ response: JSON.stringify({ reply }) });
