using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Storage.Archives;
using Sampan.Storage.Content;

namespace Sampan.Storage.Building;

/// <summary>
/// The content of a large file that the client has open: it crosses no socket, and is read when it is needed for the first time. Then each byte is read once,
/// into memory of ours, and from there it is hashed, written into a file of our own, and given to who wants it now; so all three are of the same bytes,
/// whatever becomes of the client's file.
/// </summary>
/// <remarks>Thread-safe. Who comes while another one reads waits, and has our file.</remarks>
internal sealed class ClientFile : IDisposable
{
    private const int MostWaiting = 3;

    private readonly Spool _spool;
    private readonly SafeFileHandle _file;
    private readonly string _name;
    private readonly string _fingerprint;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _whenTaken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Taken? _taken;

    /// <param name="spool">Where our file goes.</param>
    /// <param name="file">The client's; closed with this.</param>
    /// <param name="status">What it is.</param>
    /// <param name="rawName">Its name, for messages.</param>
    internal ClientFile(Spool spool, SafeFileHandle file, in FileStatus status, string rawName)
    {
        (_spool, _file, _name) = (spool, file, rawName);
        (Length, _fingerprint) = (status.Size, status.Fingerprint);
    }

    internal long Length { get; }

    /// <summary>True once the content is here.</summary>
    internal bool IsTaken => _taken is not null;

    /// <summary>True if it is here, and the client's file was not changed while it was read.</summary>
    internal bool IsExact => _taken is { IsExact: true };

    /// <summary>Our file; null: the content is not here yet.</summary>
    internal OwnFile? Own => _taken?.Own;

    /// <summary>SHA-256 of the content.</summary>
    internal byte[] Hash() => Take(null).Hash;

    internal Stream OpenRead() => Take(null).Own.OpenRead();

    /// <summary>Gives the content in pieces.</summary>
    internal void Copy(ReadOnlySpanAction sink)
    {
        var isGiven = false;
        var taken = Take(piece =>
        {
            isGiven = true;
            sink(piece);
        });
        if (isGiven)
            return;
        using var stream = taken.Own.OpenRead();
        var buffer = new byte[256 * 1024];
        for (int read; (read = stream.Read(buffer)) > 0;)
            sink(buffer.AsSpan(0, read));
    }

    /// <summary>Waits until somebody else has read it.</summary>
    internal void AwaitTaken(CancellationToken ct) => _whenTaken.Task.Wait(ct);

    public void Dispose() => _file.Dispose();

    private Taken Take(ReadOnlySpanAction? sink)
    {
        if (_taken is { } here)
            return here;
        lock (_gate)
        {
            if (_taken is { } meanwhile)
                return meanwhile;
            var taken = Read(sink);
            _taken = taken;
            _whenTaken.SetResult();
            _file.Dispose();
            return taken;
        }
    }

    // One thread reads, one hashes and writes, and this one gives on: what is on the way is a few MiB.
    private Taken Read(ReadOnlySpanAction? sink)
    {
        var own = _spool.Add();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var stop = new CancellationTokenSource();
        using var kept = new BlockingCollection<Piece>(MostWaiting);
        using var given = new BlockingCollection<Piece>(MostWaiting);
        ExceptionDispatchInfo? failure = null;
        var reading = Start(() =>
        {
            for (long at = 0; at < Length; at += AlignedBlock.Size)
            {
                var piece = Fill(at, sink is null ? 1 : 2);
                kept.Add(piece, stop.Token);
                if (sink is not null)
                    given.Add(piece, stop.Token);
            }
            kept.CompleteAdding();
            given.CompleteAdding();
        });
        var keeping = Start(() =>
        {
            using var writer = own.Write();
            foreach (var piece in kept.GetConsumingEnumerable(stop.Token))
            {
                hash.AppendData(piece.Bytes);
                writer.Append(piece.Bytes);
                piece.Done();
            }
            own.Finish(writer);
        });
        Try(() =>
        {
            foreach (var piece in given.GetConsumingEnumerable(stop.Token))
            {
                sink?.Invoke(piece.Bytes);
                piece.Done();
            }
        });
        Task.WaitAll([reading, keeping], CancellationToken.None);
        if (failure is not null)
        {
            _spool.Remove(own);
            // Whoever needs it first, the builder's key or a layer, is told so.
            if (DiskRefusal.Is(failure.SourceException))
                throw DiskRefusal.Of(failure.SourceException);
            failure.Throw();
        }
        _spool.Count(own);
        return new Taken(own, hash.GetHashAndReset(), _file.Status().Fingerprint == _fingerprint);

        Task Start(Action work) => Task.Factory.StartNew(() => Try(work), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        void Try(Action work)
        {
            try
            {
                work();
            }
            catch (Exception first)
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(first), null);
                stop.Cancel();
            }
        }
    }

    private Piece Fill(long start, int users)
    {
        var block = AlignedBlock.Rent();
        var want = (int)Math.Min(AlignedBlock.Size, Length - start);
        for (var got = 0; got < want;)
        {
            var read = RandomAccess.Read(_file, block.Span[got..want], start + got);
            if (read == 0)
                throw new StorageException(StorageError.InvalidInput, $"'{RawName.Show(_name)}' of the context became shorter while it was read: build again");
            got += read;
        }
        return new Piece(block, want, users);
    }

    private sealed record Taken(OwnFile Own, byte[] Hash, bool IsExact);

    private sealed class Piece(AlignedBlock block, int length, int users)
    {
        private int _users = users;

        internal ReadOnlySpan<byte> Bytes => block.Span[..length];

        internal void Done()
        {
            if (Interlocked.Decrement(ref _users) == 0)
                block.Return();
        }
    }
}
