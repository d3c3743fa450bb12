using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Building;

/// <summary>
/// Contents of many files, one after the other in one file, and large ones in files of their own. They have names while they are used, so that who counts what
/// is on the disk finds them; what a process that was killed left goes when the next one starts.
/// </summary>
/// <remarks>Filled by one thread; what is in it is read by many, after <see cref="Flush"/>.</remarks>
internal sealed partial class Spool : IDisposable
{
    // Each costs a descriptor for as long as the context is kept.
    private const int MostOwn = 128;
    private const int BufferBytes = 256 * 1024;

    private readonly string _directory;
    private readonly SafeFileHandle _file;
    private readonly List<OwnFile> _own = [];

    // Guards the list: what a context takes is asked for while one is read.
    private readonly Lock _gate = new();
    private byte[]? _buffer;
    private int _waiting;
    private long _length;
    private long _total;

    internal Spool(string directory)
    {
        _directory = directory;
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var path = Path.Combine(directory, Path.GetRandomFileName());
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.DeleteOnClose);
    }

    /// <summary>Bytes of all contents.</summary>
    internal long Length => Interlocked.Read(ref _total);

    /// <summary>Bytes on the disk that no layer got.</summary>
    internal long Bytes
    {
        get
        {
            lock (_gate)
                return _length + _own.Sum(own => own.Bytes);
        }
    }

    /// <summary>Takes the content of an archive's current file.</summary>
    /// <param name="reader">The archive.</param>
    /// <param name="size">What is expected.</param>
    /// <param name="buffer">For pieces.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The content with its SHA-256.</returns>
    internal (SourceContent Content, byte[] Digest) Take(TarReader reader, long size, byte[] buffer, CancellationToken ct) =>
        size >= OwnFile.LeastBytes && TryAdd() is { } own ? TakeLarge(own, reader, buffer, ct) : TakeSmall(reader, buffer, ct);

    /// <summary>Begins a file of its own.</summary>
    internal OwnFile Add()
    {
        var own = new OwnFile(_directory);
        lock (_gate)
            _own.Add(own);
        return own;
    }

    /// <summary>Counts a file that was added and is written. It goes as soon as a context is kept that does not want it.</summary>
    internal void Count(OwnFile own)
    {
        Written(own);
        own.IsSettled = true;
    }

    private void Written(OwnFile own)
    {
        Interlocked.Add(ref _total, own.Length);
        own.IsCounted = true;
    }

    /// <summary>Takes a file away that was added.</summary>
    internal void Remove(OwnFile own)
    {
        lock (_gate)
        {
            if (_own.Remove(own) && own.IsCounted)
                Interlocked.Add(ref _total, -own.Length);
        }
        own.Dispose();
    }

    /// <summary>Takes files away that layers got which are gone.</summary>
    /// <returns>Those, which are closed.</returns>
    internal IReadOnlySet<OwnFile> RemoveLost()
    {
        HashSet<OwnFile> lost;
        lock (_gate)
            lost = [.. _own.Where(own => own.IsLost)];
        foreach (var own in lost)
            Remove(own);
        return lost;
    }

    /// <summary>Has all that was taken in the file.</summary>
    internal void Flush()
    {
        Write();
        _buffer = null;
    }

    /// <summary>Lets files of their own go that were kept once and are no longer wanted. What came with the last context and is not to be kept stays until the next.</summary>
    internal void Keep(IReadOnlySet<OwnFile> wanted)
    {
        lock (_gate)
        {
            foreach (var own in _own.Where(own => own.IsSettled && !wanted.Contains(own)).ToList())
            {
                _own.Remove(own);
                Interlocked.Add(ref _total, -own.Length);
                own.Dispose();
            }
            _own.ForEach(own => own.IsSettled = true);
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        lock (_gate)
        {
            _own.ForEach(own => own.Dispose());
            _own.Clear();
        }
    }

    private (SourceContent Content, byte[] Digest) TakeSmall(TarReader reader, byte[] buffer, CancellationToken ct)
    {
        var start = _length;
        var read = 0;
        for (int more; read < buffer.Length && (more = reader.Read(buffer.AsSpan(read))) > 0;)
            read += more;
        // Nearly all files are this small: a hash that goes on costs more than their bytes.
        if (read < buffer.Length)
        {
            Append(buffer.AsSpan(0, read));
            return (Since(start), SHA256.HashData(buffer.AsSpan(0, read)));
        }
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (; read > 0; read = reader.Read(buffer))
        {
            ct.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
            Append(buffer.AsSpan(0, read));
        }
        return (Since(start), hash.GetHashAndReset());
    }

    private (SourceContent Content, byte[] Digest) TakeLarge(OwnFile own, TarReader reader, byte[] buffer, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var writer = own.Write();
        for (int read; (read = reader.Read(buffer)) > 0;)
        {
            ct.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
            writer.Append(buffer.AsSpan(0, read));
        }
        own.Finish(writer);
        Written(own);
        return (new(own.OpenRead) { Own = own }, hash.GetHashAndReset());
    }

    // Null: it goes with the others.
    private OwnFile? TryAdd() => _own.Count < MostOwn ? Add() : null;

    private SourceContent Since(long start)
    {
        var length = _length - start;
        return new(() => new Window(_file, start, length));
    }

    private void Append(ReadOnlySpan<byte> piece)
    {
        if (_waiting + piece.Length > BufferBytes)
            Write();
        if (piece.Length >= BufferBytes)
        {
            RandomAccess.Write(_file, piece, _length);
        }
        else
        {
            _buffer ??= GC.AllocateUninitializedArray<byte>(BufferBytes);
            piece.CopyTo(_buffer.AsSpan(_waiting));
            _waiting += piece.Length;
        }
        _length += piece.Length;
        Interlocked.Add(ref _total, piece.Length);
    }

    private void Write()
    {
        if (_waiting > 0)
            RandomAccess.Write(_file, _buffer.AsSpan(0, _waiting), _length - _waiting);
        _waiting = 0;
    }

    private sealed class Window(SafeFileHandle file, long start, long length) : ReadOnlyStream
    {
        private long _at;

        public override int Read(Span<byte> buffer)
        {
            var want = (int)Math.Min(buffer.Length, length - _at);
            var read = want == 0 ? 0 : RandomAccess.Read(file, buffer[..want], start + _at);
            _at += read;
            return read;
        }
    }
}
