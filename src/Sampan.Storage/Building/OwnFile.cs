using System.Text;
using Microsoft.Win32.SafeHandles;
using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Storage.Archives;
using Sampan.Storage.Content;

namespace Sampan.Storage.Building;

/// <summary>
/// The content of a large file of a context, in a file of its own. The first layer that takes it as it is gets that file itself and no copy: it moves there,
/// and is read here all the same, for nobody writes to it any more. Others get copies, so no two layers share a file, and it never has two names.
/// </summary>
/// <remarks>Thread-safe once it is written.</remarks>
internal sealed class OwnFile : IDisposable
{
    /// <summary>What is smaller lies with others in one file.</summary>
    internal const long LeastBytes = 4 << 20;

    private readonly string _path;
    private SafeFileHandle _file;
    private readonly Lock _gate = new();
    private bool _isGiven;

    /// <param name="directory">Where it lies until it is given away.</param>
    internal OwnFile(string directory)
    {
        _path = Path.Combine(directory, Path.GetRandomFileName());
        _file = File.OpenHandle(_path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
    }

    internal long Length { get; private set; }

    /// <summary>True if a layer got it and is gone: the bytes are on the disk as long as this is open, without a name, so that nobody who counts would find them.</summary>
    internal bool IsLost
    {
        get
        {
            lock (_gate)
                return _isGiven && _file.Status().LinkCount == 0;
        }
    }

    /// <summary>Bytes on the disk, 0 while a layer has them.</summary>
    internal long Bytes
    {
        get
        {
            lock (_gate)
                return _isGiven && _file.Status().LinkCount > 0 ? 0 : Length;
        }
    }

    /// <summary>True once a context was kept with it.</summary>
    internal bool IsSettled { get; set; }

    /// <summary>True once it is written, and its bytes are counted among those of the context.</summary>
    internal bool IsCounted { get; set; }

    /// <summary>Begins to write it, once.</summary>
    internal BlockWriter Write() => new(_file);

    /// <summary>Ends writing.</summary>
    internal void Finish(BlockWriter writer)
    {
        writer.Finish();
        Length = writer.Length;
        // From now on for reading only: what somebody has open for writing cannot be executed.
        var written = _file;
        _file = File.OpenHandle(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        written.Dispose();
        if (writer.IsDirect)
            _file.TrySetDirect(true);
    }

    internal Stream OpenRead() => new BlockReader(_file, Length);

    /// <summary>Gives the file itself to a layer; false: it has to be copied.</summary>
    /// <param name="directory">Where in the layer; nothing of that name is there.</param>
    /// <param name="name">Its name there.</param>
    /// <param name="looks">Owner, permissions and time.</param>
    /// <exception cref="LinuxException">The kernel refused for a reason that would concern a copy as well.</exception>
    internal bool TryGive(DirectoryHandle directory, byte[] name, TarEntry looks)
    {
        if (looks.Attributes.Count > 0)
            return false;
        lock (_gate)
        {
            if (_isGiven)
                return false;
            _file.SetLooks(looks.Uid, looks.Gid, looks.Mode, looks.Modified);
            using var from = DirectoryHandle.Open(Path.GetDirectoryName(_path) ?? "/");
            try
            {
                from.Rename(Encoding.ASCII.GetBytes(Path.GetFileName(_path)), directory, name, RenameFlags.NoReplace);
            }
            catch (LinuxException apart) when (apart.Errno is Errno.EXDEV or Errno.EINVAL or Errno.ENOENT)
            {
                // On another file system, or one without such a rename, or somebody removed it.
                return false;
            }
            return _isGiven = true;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _file.Dispose();
            if (!_isGiven)
                File.Delete(_path);
        }
    }
}
