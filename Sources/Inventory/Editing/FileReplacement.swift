import Model

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that gets another content, unless somebody else gave it one meanwhile.
struct FileReplacement {
    let path: String
    let before: [UInt8]
    let after: [UInt8]

    /// What is ready to take a file's place.
    private struct Prepared {
        var replacement: FileReplacement
        /// The file itself, all symbolic links followed.
        var file: String
        var temporary: String
        /// Locked as long as it is held.
        var folder: Int32
    }

    /// Replaces all the files or, where one of them cannot be, none.
    static func replace(_ all: [FileReplacement]) throws(InputErrors) {
        var prepared: [Prepared] = []
        defer {
            for one in prepared {
                unlink(one.temporary)
                close(one.folder)
            }
        }
        for replacement in all { prepared.append(try replacement.prepare(besides: prepared)) }
        for one in prepared { try one.replacement.refuseChanged() }
        for one in prepared {
            guard rename(one.temporary, one.file) == 0 else { throw one.replacement.failure("replaced") }
            fsync(one.folder)
        }
    }

    private func refuseChanged() throws(InputErrors) {
        guard try Disk.bytes(of: path) == before else {
            throw InputErrors(
                InputError(
                    "\(path) was changed by somebody else in the meantime: nothing is written",
                    hint: "run the same command again"))
        }
    }

    private func prepare(besides others: [Prepared]) throws(InputErrors) -> Prepared {
        guard let resolved = realpath(path, nil) else { throw failure("found") }
        defer { free(resolved) }
        let file = String(cString: resolved)
        var info = stat()
        guard stat(file, &info) == 0, access(file, W_OK) == 0 else { throw failure("written") }
        let folder = try lock(Disk.folder(of: file), others)
        let name = file.split(separator: "/").last ?? ""
        let temporary = Disk.joined(Disk.folder(of: file), ".\(name).\(UInt32.random(in: .min ... .max))")
        do throws(InputErrors) { try write(temporary, like: info) } catch {
            unlink(temporary)
            close(folder)
            throw error
        }
        return Prepared(replacement: self, file: file, temporary: temporary, folder: folder)
    }

    /// Two that write in one folder take turns: the other one would not see what this one is about to write.
    private func lock(_ folder: String, _ others: [Prepared]) throws(InputErrors) -> Int32 {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("written") }
        if others.contains(where: { Disk.folder(of: $0.file) == folder }) { return descriptor }
        guard flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK else { return descriptor }
        close(descriptor)
        throw InputErrors(
            InputError("another run is writing in \(folder): nothing is written", hint: "run the same command again"))
    }

    private func write(_ temporary: String, like info: stat) throws(InputErrors) {
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("written") }
        defer { close(descriptor) }
        var rest = after[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("written") }
            rest = rest.dropFirst(count)
        }
        if info.st_uid != geteuid() || info.st_gid != getegid() {
            guard fchown(descriptor, info.st_uid, info.st_gid) == 0 else { throw failure("given its owner again") }
        }
        guard fchmod(descriptor, info.st_mode & 0o7777) == 0, fsync(descriptor) == 0 else { throw failure("written") }
    }

    private func failure(_ deed: String) -> InputErrors {
        InputErrors(InputError("\(path) cannot be \(deed): \(String(cString: strerror(errno)).lowercased())"))
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    #if canImport(Glibc)
        Glibc.write(descriptor, bytes, count)
    #elseif canImport(Musl)
        Musl.write(descriptor, bytes, count)
    #else
        Darwin.write(descriptor, bytes, count)
    #endif
}
