#pragma once
#ifdef __linux__
// Swift's Glibc module leaves these out.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>

// As unistd.h has it, which would bring along what Glibc owns.
long syscall(long number, ...);

// Syscalls have variadic doors, and older C libraries none for this one; it sets close-on-exec.
static inline int kubani_pidfd_open(int process) {
#ifdef SYS_pidfd_open
    return (int)syscall(SYS_pidfd_open, process, 0);
#else
    return (int)syscall(434, process, 0);
#endif
}
#endif
