using Sampan.Linux.Files;
using Sampan.Storage.Archives;

namespace Sampan.Kernel.Tests.Storage;

/// <summary>A directory on a real file system, gone after the test; as root.</summary>
public abstract class StorageTest : IDisposable
{
    protected StorageTest()
    {
        if (Environment.UserName != "root")
            Assert.Skip("needs root: owners, devices and trusted attributes");
        Home = Directory.CreateTempSubdirectory("sampan-storage-").FullName;
    }

    protected string Home { get; }

    public virtual void Dispose()
    {
        Directory.Delete(Home, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected string In(string name) => Path.Combine(Home, name);

    /// <summary>Descriptors of this process that are open below the test's directory: other tests run beside this one.</summary>
    protected int OpenDescriptors() => Directory.GetFiles("/proc/self/fd").Count(fd =>
    {
        try
        {
            return new FileInfo(fd).LinkTarget?.StartsWith(Home, StringComparison.Ordinal) == true;
        }
        catch (IOException)
        {
            return false;
        }
    });

    internal static UnpackedLayer Unpack(byte[] tar, string directory, ArchiveLimits? limits = null)
    {
        Directory.CreateDirectory(directory);
        using var root = DirectoryHandle.Open(directory);
        using var unpacker = new LayerUnpacker(root, limits ?? ArchiveLimits.Default);
        return unpacker.Unpack(new MemoryStream(tar), CancellationToken.None);
    }
}
