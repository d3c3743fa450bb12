using Microsoft.Win32.SafeHandles;
using Sampan.Linux;
using Sampan.Linux.Files;

namespace Sampan.Storage.Content;

/// <summary>
/// Writes a large file from its beginning, past the page cache where the file system can: no memory is filled with what nobody reads soon, and whoever
/// flushes it waits for nothing. One block is written while the next one is filled.
/// </summary>
/// <remarks>For one thread at a time. The file is its maker's to close, after this.</remarks>
internal sealed class BlockWriter : IDisposable
{
    private readonly SafeFileHandle _file;
    private AlignedBlock _filling = AlignedBlock.Rent();
    private AlignedBlock _other = AlignedBlock.Rent();
    private Task _writing = Task.CompletedTask;
    private bool _isDirect;
    private bool _isDisposed;
    private int _filled;
    private long _sent;

    internal BlockWriter(SafeFileHandle file)
    {
        _file = file;
        _isDirect = file.TrySetDirect(true);
    }

    /// <summary>Bytes that were written or wait for it.</summary>
    internal long Length => _sent + _filled;

    /// <summary>True if the page cache is passed by.</summary>
    internal bool IsDirect => _isDirect;

    /// <summary>Adds content.</summary>
    /// <exception cref="IOException">The disk refused, perhaps what was written before.</exception>
    internal void Append(ReadOnlySpan<byte> piece)
    {
        while (!piece.IsEmpty)
        {
            var step = Math.Min(piece.Length, AlignedBlock.Size - _filled);
            piece[..step].CopyTo(_filling.Span[_filled..]);
            _filled += step;
            piece = piece[step..];
            if (_filled == AlignedBlock.Size)
                Send(AlignedBlock.Size);
        }
    }

    /// <summary>Writes what waits, and waits for it. The file is an ordinary one again.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    internal void Finish()
    {
        var length = Length;
        if (_filled > 0)
        {
            var whole = (_filled + AlignedBlock.Alignment - 1) & -AlignedBlock.Alignment;
            _filling.Span[_filled..whole].Clear();
            Send(whole);
        }
        _writing.GetAwaiter().GetResult();
        if (_sent != length)
            RandomAccess.SetLength(_file, length);
        _sent = length;
        if (_isDirect)
            _file.TrySetDirect(false);
    }

    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        // Told by Append or Finish, if anybody wants to know.
        _ = Task.WaitAny([_writing], CancellationToken.None);
        _ = _writing.Exception;
        _filling.Return();
        _other.Return();
    }

    private void Send(int length)
    {
        _writing.GetAwaiter().GetResult();
        var (block, at) = (_filling, _sent);
        (_filling, _other) = (_other, _filling);
        _sent += length;
        _filled = 0;
        _writing = Task.Run(() => Write(block.Span[..length], at));
    }

    private void Write(ReadOnlySpan<byte> content, long at)
    {
        try
        {
            RandomAccess.Write(_file, content, at);
        }
        catch (IOException odd) when (_isDirect && (Errno)odd.HResult == Errno.EINVAL)
        {
            // A file system that takes the flag and not the write, or wants larger multiples.
            _isDirect = false;
            _file.TrySetDirect(false);
            RandomAccess.Write(_file, content, at);
        }
    }
}
