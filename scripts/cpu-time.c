/* Preloaded into frame-omni-bencher by scripts/weights: the time of day is the CPU time of the thread that asks. The
 * bencher measures with the time of day, which on a machine that others use counts their work too. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
    /* By system call: libc's function is this one now. */
    return (int)syscall(SYS_clock_gettime, clock == CLOCK_REALTIME ? CLOCK_THREAD_CPUTIME_ID : clock, time);
}
