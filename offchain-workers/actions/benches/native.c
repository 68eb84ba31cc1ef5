// The same QuickJS, natively: evaluates a script and prints the milliseconds of processor time that it took.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "quickjs.h"

static double milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
    FILE *file = argc > 1 ? fopen(argv[1], "rb") : NULL;
    if (!file)
        return 2;
    static char code[1 << 20];
    size_t length = fread(code, 1, sizeof code - 1, file);
    JSRuntime *runtime = JS_NewRuntime();
    JSContext *context = JS_NewContext(runtime);
    double before = milliseconds();
    JSValue value = JS_Eval(context, code, length, "script", JS_EVAL_TYPE_GLOBAL);
    double after = milliseconds();
    if (JS_IsException(value))
        return 1;
    printf("%.3f\n", after - before);
    return 0;
}
