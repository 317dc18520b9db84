#pragma once
#include <libssh2.h>
#include <stddef.h>
#include <sys/types.h>

// libssh2's macros and untyped doors, typed for Swift.

typedef ssize_t (*kubani_ssh2_receive)(libssh2_socket_t, void *, size_t, int, void **);
typedef void (*kubani_ssh2_disconnected)(LIBSSH2_SESSION *, int, const char *, int, const char *, int, void **);

static inline LIBSSH2_SESSION *kubani_ssh2_session(void *abstract) {
    return libssh2_session_init_ex(NULL, NULL, NULL, abstract);
}

static inline void kubani_ssh2_on_receive(LIBSSH2_SESSION *session, kubani_ssh2_receive callback) {
    libssh2_session_callback_set(session, LIBSSH2_CALLBACK_RECV, (void *)callback);
}

static inline void kubani_ssh2_on_disconnect(LIBSSH2_SESSION *session, kubani_ssh2_disconnected callback) {
    libssh2_session_callback_set(session, LIBSSH2_CALLBACK_DISCONNECT, (void *)callback);
}
