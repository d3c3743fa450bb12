using Microsoft.Win32.SafeHandles;

namespace Sampan.Storage.Building;

/// <summary>
/// Contents of many files, one after the other in one file. It has a name while it is used, so that who counts what is on the disk finds it; what a
/// process that was killed left goes when the next one starts.
/// </summary>
internal sealed class Spool : IDisposable
{
    private readonly SafeFileHandle _file;
    private long _length;

    internal Spool(string directory)
    {
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var path = Path.Combine(directory, Path.GetRandomFileName());
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.DeleteOnClose);
    }

    internal long Length => _length;

    internal void Append(ReadOnlySpan<byte> piece)
    {
        RandomAccess.Write(_file, piece, _length);
        _length += piece.Length;
    }

    internal SourceContent Part(long offset, long length) => new(() => new Window(_file, offset, length));

    public void Dispose() => _file.Dispose();

    private sealed class Window(SafeFileHandle file, long start, long length) : Archives.ReadOnlyStream
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
