// Globals of an action. Names and meaning are Lit's; `Conclave` is the same object as `Lit.Actions`.

type Bytes = Uint8Array | ArrayBuffer | ArrayBufferView;
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

interface SignArguments {
    /** A digest of 32 bytes for ECDSA, else the message. */
    toSign: Uint8Array | number[];
    /** The PKP's, hex. */
    publicKey: string;
    /** What the signature is called in the result. */
    sigName: string;
}
interface AuthMethod { tokenId: string; authMethodType: string | number; userId: Uint8Array }
interface Decryption {
    accessControlConditions: Json[];
    ciphertext: string;
    dataToEncryptHash: string;
    /** null: whoever asked for the action. */
    authSig?: Json | null;
    chain: string;
}

interface LitActions {
    isPermittedAction(argument: { tokenId: string; ipfsId: string }): Promise<boolean>;
    isPermittedAddress(argument: { tokenId: string; address: string }): Promise<boolean>;
    isPermittedAuthMethod(argument: AuthMethod): Promise<boolean>;
    getPermittedActions(argument: { tokenId: string }): Promise<string[]>;
    getPermittedAddresses(argument: { tokenId: string }): Promise<string[]>;
    getPermittedAuthMethods(argument: { tokenId: string }): Promise<Json[]>;
    getPermittedAuthMethodScopes(argument: AuthMethod & { maxScopeId?: number }): Promise<boolean[]>;
    pubkeyToTokenId(argument: { publicKey: string }): Promise<string>;
    getLatestNonce(argument: { address: string; chain: string }): Promise<string>;
    getRpcUrl(argument: { chain: string }): Promise<string>;

    /** The signature goes to the client under `sigName`; resolves to "success". */
    signEcdsa(argument: SignArguments): Promise<string>;
    sign(argument: SignArguments & { signingScheme: string }): Promise<string>;
    ethPersonalSignMessageEcdsa(argument: { message: string | Bytes; publicKey: string; sigName: string }): Promise<string>;
    /** Resolves to JSON: { r, s, v }, r as 33 bytes compressed. */
    signAndCombineEcdsa(argument: SignArguments): Promise<string>;
    signAndCombine(argument: SignArguments & { signingScheme: string }): Promise<string>;
    /** With the key that is derived from the content id of this action. */
    signAsAction(argument: { toSign: Uint8Array | number[]; sigName: string; signingScheme: string }): Promise<string>;
    getActionPublicKey(argument: { signingScheme: string; actionIpfsCid: string }): Promise<string>;
    verifyActionSignature(argument: {
        signingScheme: string; actionIpfsCid: string; toSign: Uint8Array | number[]; signOutput: string;
    }): Promise<boolean>;
    claimKey(argument: { keyId: string }): Promise<string>;

    checkConditions(argument: { conditions: Json[]; authSig?: Json | null; chain: string }): Promise<boolean>;
    encrypt(argument: { accessControlConditions: Json[]; to_encrypt: Uint8Array }):
        Promise<{ ciphertext: string; dataToEncryptHash: string }>;
    decryptAndCombine(argument: Decryption): Promise<string>;
    decryptToSingleNode(argument: Decryption): Promise<string>;

    /** The last call wins. */
    setResponse(argument: { response: string }): void;
    /** Resolves to the response of the action that is called. */
    call(argument: { ipfsId: string; params?: { [name: string]: Json } }): Promise<string>;
    callContract(argument: { chain: string; txn: string }): Promise<string>;
    /** The values of all members. */
    broadcastAndCollect(argument: { name: string; value: string }): Promise<string[]>;
    /** Runs on one member; the others get its value if they wait, else undefined. */
    runOnce(argument: { waitForResponse?: boolean; name: string }, work: () => unknown): Promise<string | undefined>;
    uint8arrayToString(bytes: Bytes, encoding?: string): string;
    uint8arrayFromString(text: string, encoding?: string): Uint8Array;

    /** Ours: computed natively, a hundred times faster than in JavaScript. */
    native: {
        keccak256(data: Bytes): Uint8Array;
        sha256(data: Bytes): Uint8Array;
        sha384(data: Bytes): Uint8Array;
        sha512(data: Bytes): Uint8Array;
        ripemd160(data: Bytes): Uint8Array;
        hmac(hash: 'sha256' | 'sha384' | 'sha512', key: Bytes, data: Bytes): Uint8Array;
        /** `signature` is r, s, v (65 bytes); returns the uncompressed key. */
        secp256k1Recover(digest: Bytes, signature: Bytes): Uint8Array;
        secp256k1Verify(digest: Bytes, signature: Bytes, key: Bytes): boolean;
        secp256r1Verify(digest: Bytes, signature: Bytes, key: Bytes): boolean;
        ed25519Verify(message: Bytes, signature: Bytes, key: Bytes): boolean;
        bls12381G1Verify(message: Bytes, signature: Bytes, key: Bytes): boolean;
        bls12381G2Verify(message: Bytes, signature: Bytes, key: Bytes): boolean;
    };
}

interface LitAuth {
    /** This action's content id. */
    actionIpfsIds: string[];
    /** From the action that was asked for to this one. */
    actionIpfsIdStack: string[];
    authSigAddress: string | null;
    authMethodContexts: { userId: string; appId: string; authMethodType: number; usedForSignSessionKeyRequest: boolean }[];
    resources: string[];
    customAuthResource: string;
}

declare const LitActions: LitActions;
declare const Conclave: LitActions;
declare const LitAuth: Readonly<LitAuth>;
declare const LitHeaders: { [name: string]: Json };
declare const Lit: { readonly Actions: LitActions; readonly Auth: Readonly<LitAuth>; readonly Headers: { [name: string]: Json } };
declare const jsParams: { [name: string]: any };
declare function uint8arrayToString(bytes: Bytes, encoding?: string): string;
declare function uint8arrayFromString(text: string, encoding?: string): Uint8Array;
