import Commands

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

let status = await Kubani.status(of: Array(CommandLine.arguments.dropFirst()))
// Not exit: a lost connection may still be closing on another thread, and what OpenSSL frees at exit would be taken from
// under it.
fflush(nil)
_exit(status)
