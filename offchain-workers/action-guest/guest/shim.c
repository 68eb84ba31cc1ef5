// The guest: QuickJS-ng behind a handful of exports, with `host` as its only import module.
//
// quickjs.c is included, not linked, because the seed of Math.random is private to it.
// The protocol, as conclave-actions speaks it:
//   init(stack)             once; then prelude(code) once; then the host may take a snapshot
//   configure(json)         calls the function that the prelude returned
//   compile(code), run()    the action; compile may be followed by a snapshot, too
//   resolve(id, ok, bytes)  answers a call that host.call announced with an id
//   finish()                reports what was left unhandled
// run, resolve and finish drain the job queue. They return 0: the action's promise is pending, 1: fulfilled, 2: failed;
// then out_ptr and out_len give the text of the error. Bytes go in through alloc, and whoever takes them frees them.

#include <stdlib.h>
#include <stdio.h>
#include <stdint.h>
#include <string.h>
#include <inttypes.h>
#include <math.h>
#include <time.h>
#include <sys/time.h>
#include <assert.h>

// Under __wasi__ QuickJS does not check its stack; under EMSCRIPTEN it has no threads and no atomics.
#undef __wasi__
#ifndef EMSCRIPTEN
#define EMSCRIPTEN 1
#endif
#ifndef FE_DOWNWARD
#define FE_DOWNWARD 0
#endif
#ifndef FE_UPWARD
#define FE_UPWARD 0
#endif
#include "quickjs.c"

#define EXPORT(name) __attribute__((export_name(name)))
#define IMPORT(name) __attribute__((import_module("host"), import_name(name)))

// id < 0: answered at once; the length of the answer, or -1 - length of an error's text. host_read copies either.
// line: of the action, where the call leaves the sandbox.
extern int32_t host_call(const char *op, uint32_t op_len, const uint8_t *arg, uint32_t arg_len, int32_t id, uint32_t line)
    IMPORT("call");
extern void host_read(uint8_t *to, uint32_t len) IMPORT("read");
extern int64_t host_now_us(void) IMPORT("now_us");
extern void host_log(const char *text, uint32_t len) IMPORT("log");

// ---- what libc would ask WASI for

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
    int64_t now = host_now_us();
    tv->tv_sec = now / 1000000;
    tv->tv_usec = now % 1000000;
    return 0;
}

int clock_gettime(clockid_t clock, struct timespec *ts)
{
    int64_t now = host_now_us();
    ts->tv_sec = now / 1000000;
    ts->tv_nsec = now % 1000000 * 1000;
    return 0;
}

// Actions live in UTC, wherever the member stands.
struct tm *localtime_r(const time_t *restrict t, struct tm *restrict tm)
{
    return gmtime_r(t, tm);
}

_Noreturn void abort(void) { __builtin_trap(); }
_Noreturn void __assert_fail(const char *text, const char *file, int line, const char *function) { __builtin_trap(); }
int printf(const char *restrict format, ...) { return 0; }
int fprintf(FILE *restrict file, const char *restrict format, ...) { return 0; }
int fputc(int c, FILE *file) { return c; }
int putchar(int c) { return c; }
int puts(const char *text) { return 0; }
int fputs(const char *restrict text, FILE *restrict file) { return 0; }
int fflush(FILE *file) { return 0; }
size_t __stdio_write(FILE *file, const unsigned char *bytes, size_t len) { return len; }
size_t __stdout_write(FILE *file, const unsigned char *bytes, size_t len) { return len; }
off_t __stdio_seek(FILE *file, off_t offset, int whence) { return 0; }
int __stdio_close(FILE *file) { return 0; }
int __isatty(int fd) { return 0; }

// ---- state: one engine, one action

static JSRuntime *runtime;
static JSContext *context;
static JSValue configure_function, compiled, outcome;
static JSAtom action_atom;
static int settled; // as run returns it
static char *out;
static size_t out_len;

// Calls that await an answer. Ids are never reused, so that the same action numbers its calls alike everywhere.
typedef struct {
    int32_t id;
    JSValue resolve, reject;
} Pending;
static Pending *pending;
static int pending_len, pending_cap;
static int32_t next_id;

// Rejected promises that nobody handles (yet).
static JSValue *unhandled;
static int unhandled_len, unhandled_cap;

#define MAX_PENDING 1024
#define ACTION "action.js"

static void set_out(const char *text, size_t len)
{
    free(out);
    out = malloc(len + 1);
    out_len = out ? len : 0;
    if (out)
        memcpy(out, text, len);
}

// "Name: message" and the stack, of anything that was thrown.
static void set_out_error(JSValue error)
{
    size_t len = 0, stack_len = 0;
    if (JS_IsNull(error) || JS_IsUninitialized(error)) {
        // What QuickJS throws when it cannot even allocate the error.
        set_out("InternalError: out of memory", 28);
        return;
    }
    const char *text = JS_ToCStringLen(context, &len, error);
    if (!text) {
        JS_FreeValue(context, JS_GetException(context));
        set_out("Error: an error that has no text", 32);
        return;
    }
    const char *stack = NULL;
    if (JS_IsError(error)) {
        JSValue value = JS_GetPropertyStr(context, error, "stack");
        if (JS_IsString(value))
            stack = JS_ToCStringLen(context, &stack_len, value);
        else if (JS_IsException(value))
            JS_FreeValue(context, JS_GetException(context));
        JS_FreeValue(context, value);
    }
    char *joined = malloc(len + 1 + stack_len);
    if (joined) {
        memcpy(joined, text, len);
        joined[len] = '\n';
        if (stack)
            memcpy(joined + len + 1, stack, stack_len);
        set_out(joined, stack && stack_len ? len + 1 + stack_len : len);
        free(joined);
    } else {
        set_out(text, len);
    }
    if (stack)
        JS_FreeCString(context, stack);
    JS_FreeCString(context, text);
}

static int failed_with(JSValue error)
{
    set_out_error(error);
    JS_FreeValue(context, error);
    settled = 2;
    return settled;
}

// ---- what the prelude is given

// The bytes of a view or a buffer, without conversions that run the action's code.
static const uint8_t *bytes_of(JSContext *ctx, JSValueConst value, size_t *len)
{
    if (JS_IsArrayBuffer(value))
        return JS_GetArrayBuffer(ctx, len, value);
    return JS_GetUint8Array(ctx, len, value);
}

static JSValue host_error(JSContext *ctx, const uint8_t *text, size_t len)
{
    JSValue message = JS_NewStringLen(ctx, (const char *)text, len);
    JSValue error = JS_NewError(ctx);
    if (JS_IsException(message) || JS_IsException(error))
        return error;
    JS_DefinePropertyValueStr(ctx, error, "message", message, JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE);
    return error;
}

static const uint8_t EMPTY[1];

// callSync(op, bytes) -> Uint8Array
static JSValue call_sync(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
    size_t op_len, len = 0;
    const uint8_t *arg = bytes_of(ctx, argv[1], &len);
    if (!arg && JS_HasException(ctx))
        return JS_EXCEPTION;
    const char *op = JS_ToCStringLen(ctx, &op_len, argv[0]);
    if (!op)
        return JS_EXCEPTION;
    int32_t answer = host_call(op, op_len, arg ? arg : EMPTY, len, -1, 0);
    JS_FreeCString(ctx, op);
    size_t answer_len = answer < 0 ? -1 - (int64_t)answer : answer;
    uint8_t *buffer = js_malloc(ctx, answer_len + 1);
    if (!buffer)
        return JS_EXCEPTION;
    host_read(buffer, answer_len);
    JSValue result = answer < 0 ? JS_Throw(ctx, host_error(ctx, buffer, answer_len))
                                : JS_NewUint8ArrayCopy(ctx, buffer, answer_len);
    js_free(ctx, buffer);
    return result;
}

// The line of the action that is at work; 0: none of its frames is on the stack.
static uint32_t line_of_action(JSContext *ctx)
{
    for (JSStackFrame *frame = runtime->current_stack_frame; frame; frame = frame->prev_frame) {
        if (JS_VALUE_GET_TAG(frame->cur_func) != JS_TAG_OBJECT || !frame->cur_pc)
            continue;
        JSObject *function = JS_VALUE_GET_OBJ(frame->cur_func);
        if (!js_class_has_bytecode(function->class_id))
            continue;
        JSFunctionBytecode *code = function->u.func.function_bytecode;
        if (code->filename != action_atom)
            continue;
        int column, line = find_line_num(ctx, code, frame->cur_pc - code->byte_code_buf - 1, &column);
        return line > 0 ? line : 0;
    }
    return 0;
}

// call(op, bytes) -> Promise<Uint8Array>
static JSValue call(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
    size_t op_len, len = 0;
    if (pending_len >= MAX_PENDING)
        return JS_ThrowRangeError(ctx, "more than %d host calls at once", MAX_PENDING);
    if (pending_len == pending_cap) {
        int cap = pending_cap ? 2 * pending_cap : 16;
        Pending *grown = realloc(pending, cap * sizeof *pending);
        if (!grown)
            return JS_ThrowOutOfMemory(ctx);
        pending = grown;
        pending_cap = cap;
    }
    const uint8_t *arg = bytes_of(ctx, argv[1], &len);
    if (!arg && JS_HasException(ctx))
        return JS_EXCEPTION;
    const char *op = JS_ToCStringLen(ctx, &op_len, argv[0]);
    if (!op)
        return JS_EXCEPTION;
    JSValue functions[2];
    JSValue promise = JS_NewPromiseCapability(ctx, functions);
    if (!JS_IsException(promise)) {
        int32_t id = next_id++;
        pending[pending_len++] = (Pending){ id, functions[0], functions[1] };
        host_call(op, op_len, arg ? arg : EMPTY, len, id, line_of_action(ctx));
    }
    JS_FreeCString(ctx, op);
    return promise;
}

static JSValue log_text(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
    size_t len;
    const char *text = JS_ToCStringLen(ctx, &len, argv[0]);
    if (!text)
        return JS_EXCEPTION;
    host_log(text, len);
    JS_FreeCString(ctx, text);
    return JS_UNDEFINED;
}

static JSValue to_utf8(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
    size_t len;
    const char *text = JS_ToCStringLen(ctx, &len, argv[0]);
    if (!text)
        return JS_EXCEPTION;
    JSValue bytes = JS_NewUint8ArrayCopy(ctx, (const uint8_t *)text, len);
    JS_FreeCString(ctx, text);
    return bytes;
}

static JSValue from_utf8(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
    size_t len = 0;
    const uint8_t *bytes = bytes_of(ctx, argv[0], &len);
    if (!bytes) {
        if (JS_HasException(ctx))
            return JS_EXCEPTION;
        len = 0;
    }
    return JS_NewStringLen(ctx, bytes ? (const char *)bytes : "", len);
}

static void track_rejection(JSContext *ctx, JSValueConst promise, JSValueConst reason, bool handled, void *opaque)
{
    for (int i = 0; i < unhandled_len; i++) {
        if (JS_VALUE_GET_PTR(unhandled[i]) == JS_VALUE_GET_PTR(promise)) {
            if (handled) {
                JS_FreeValue(ctx, unhandled[i]);
                unhandled[i] = unhandled[--unhandled_len];
            }
            return;
        }
    }
    if (handled)
        return;
    if (unhandled_len == unhandled_cap) {
        int cap = unhandled_cap ? 2 * unhandled_cap : 16;
        JSValue *grown = cap > 4096 ? NULL : realloc(unhandled, cap * sizeof *unhandled);
        if (!grown)
            return; // The first ones are reported; one is enough.
        unhandled = grown;
        unhandled_cap = cap;
    }
    unhandled[unhandled_len++] = JS_DupValue(ctx, promise);
}

// Actions are one file each: nothing can be imported.
static char *no_module_name(JSContext *ctx, const char *base, const char *name, void *opaque)
{
    JS_ThrowTypeError(ctx, "an action imports nothing: bundle what it needs");
    return NULL;
}

static JSModuleDef *no_module(JSContext *ctx, const char *name, void *opaque)
{
    JS_ThrowTypeError(ctx, "an action imports nothing: bundle what it needs");
    return NULL;
}

// ---- exports

EXPORT("alloc") void *guest_alloc(uint32_t len) { return malloc(len ? len : 1); }
EXPORT("dealloc") void guest_dealloc(void *bytes) { free(bytes); }
EXPORT("out_ptr") const char *guest_out_ptr(void) { return out; }
EXPORT("out_len") uint32_t guest_out_len(void) { return out_len; }

EXPORT("init") int guest_init(uint32_t stack_size)
{
    runtime = JS_NewRuntime();
    if (!runtime)
        return 2;
    JS_SetMaxStackSize(runtime, stack_size);
    // Collect by growth in megabytes, not by the default's 256 KiB: an interpreter of an interpreter is slow at it.
    JS_SetGCThreshold(runtime, 2 << 20);
    context = JS_NewContext(runtime);
    if (!context)
        return 2;
    configure_function = compiled = outcome = JS_UNDEFINED;
    JS_SetHostPromiseRejectionTracker(runtime, track_rejection, NULL);
    JS_SetModuleLoaderFunc(runtime, no_module_name, no_module, NULL);
    action_atom = JS_NewAtom(context, ACTION);
    JSValue host = JS_NewObject(context), global = JS_GetGlobalObject(context);
    JS_SetPropertyStr(context, host, "call", JS_NewCFunction(context, call, "call", 2));
    JS_SetPropertyStr(context, host, "callSync", JS_NewCFunction(context, call_sync, "callSync", 2));
    JS_SetPropertyStr(context, host, "log", JS_NewCFunction(context, log_text, "log", 1));
    JS_SetPropertyStr(context, host, "utf8Encode", JS_NewCFunction(context, to_utf8, "utf8Encode", 1));
    JS_SetPropertyStr(context, host, "utf8Decode", JS_NewCFunction(context, from_utf8, "utf8Decode", 1));
    JS_SetPropertyStr(context, global, "__host", host);
    JS_FreeValue(context, global);
    return 1;
}

// After every snapshot: else each run of each action has the same Math.random.
EXPORT("reseed") void guest_reseed(uint64_t seed) { context->random_state = seed ? seed : 1; }

EXPORT("prelude") int guest_prelude(char *code, uint32_t len)
{
    code[len] = 0; // QuickJS wants a terminator beyond the length: the host allocates one byte more.
    configure_function = JS_Eval(context, code, len, "prelude.js", JS_EVAL_TYPE_GLOBAL);
    free(code);
    if (JS_IsException(configure_function))
        return failed_with(JS_GetException(context));
    return 1;
}

EXPORT("configure") int guest_configure(char *json, uint32_t len)
{
    JSValue text = JS_NewStringLen(context, json, len);
    free(json);
    if (JS_IsException(text))
        return failed_with(JS_GetException(context));
    JSValue result = JS_Call(context, configure_function, JS_UNDEFINED, 1, (JSValueConst *)&text);
    JS_FreeValue(context, text);
    if (JS_IsException(result))
        return failed_with(JS_GetException(context));
    JS_FreeValue(context, result);
    return 1;
}

EXPORT("compile") int guest_compile(char *code, uint32_t len)
{
    code[len] = 0;
    compiled = JS_Eval(context, code, len, ACTION,
                       JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_ASYNC | JS_EVAL_FLAG_COMPILE_ONLY);
    free(code);
    if (JS_IsException(compiled))
        return failed_with(JS_GetException(context));
    return 1;
}

// An asynchronous script fulfils with { value }, and value may be a promise of the action's: that one counts, too.
static int look(void)
{
    if (settled)
        return settled;
    for (;;) {
        switch (JS_PromiseState(context, outcome)) {
        case JS_PROMISE_PENDING:
            return 0;
        case JS_PROMISE_REJECTED: {
            JSValue reason = JS_PromiseResult(context, outcome);
            return failed_with(reason);
        }
        case JS_PROMISE_FULFILLED: {
            JSValue result = JS_PromiseResult(context, outcome);
            JSValue value = JS_IsObject(result) && !JS_IsPromise(result)
                ? JS_GetPropertyStr(context, result, "value") : JS_UNDEFINED;
            JS_FreeValue(context, result);
            if (!JS_IsPromise(value)) {
                JS_FreeValue(context, value);
                return settled = 1;
            }
            JS_FreeValue(context, outcome);
            // The host looks at it, so its rejection is handled.
            JS_PromiseMarkAsHandled(context, value);
            track_rejection(context, value, JS_UNDEFINED, true, NULL);
            outcome = value;
            break;
        }
        default:
            return settled = 1;
        }
    }
}

static int drain(void)
{
    JSContext *ctx;
    // A job that throws has rejected its promise; what remains are errors of the engine itself (out of memory).
    while (JS_IsJobPending(runtime)) {
        if (JS_ExecutePendingJob(runtime, &ctx) < 0)
            return failed_with(JS_GetException(context));
    }
    return look();
}

EXPORT("run") int guest_run(void)
{
    JSValue function = compiled;
    compiled = JS_UNDEFINED;
    outcome = JS_EvalFunction(context, function);
    if (JS_IsException(outcome))
        return failed_with(JS_GetException(context));
    if (JS_IsPromise(outcome)) {
        JS_PromiseMarkAsHandled(context, outcome);
        track_rejection(context, outcome, JS_UNDEFINED, true, NULL);
    }
    return drain();
}

EXPORT("resolve") int guest_resolve(int32_t id, int32_t ok, uint8_t *bytes, uint32_t len)
{
    for (int i = 0; i < pending_len; i++) {
        if (pending[i].id != id)
            continue;
        Pending found = pending[i];
        memmove(pending + i, pending + i + 1, (pending_len - i - 1) * sizeof *pending);
        pending_len--;
        JSValue value = ok ? JS_NewUint8ArrayCopy(context, bytes, len) : host_error(context, bytes, len);
        free(bytes);
        if (JS_IsException(value))
            return failed_with(JS_GetException(context));
        JSValue result = JS_Call(context, ok ? found.resolve : found.reject, JS_UNDEFINED, 1, (JSValueConst *)&value);
        JS_FreeValue(context, value);
        JS_FreeValue(context, found.resolve);
        JS_FreeValue(context, found.reject);
        if (JS_IsException(result))
            return failed_with(JS_GetException(context));
        JS_FreeValue(context, result);
        return drain();
    }
    free(bytes);
    return look();
}

// When nothing is pending any more.
EXPORT("finish") int guest_finish(void)
{
    int state = look();
    if (state == 1 && unhandled_len > 0) {
        JSValue reason = JS_PromiseResult(context, unhandled[0]);
        return failed_with(reason);
    }
    return state;
}
