using Sampan.Linux.Files;
using Sampan.Storage.Snapshots;

namespace Sampan.Kernel.Tests.Storage;

public sealed class SnapshotterChoiceTests : StorageTest
{
    [Fact]
    public void Overlay_is_chosen_on_an_ordinary_file_system()
    {
        using var home = DirectoryHandle.Open(Home);
        if (home.Descriptor.FileSystemMagic() is not (0xef53 or 0x58465342 or 0x9123683e or 0x01021994))
            Assert.Skip("the temporary directory is on neither ext4, xfs, btrfs nor tmpfs");

        SnapshotterChoice.Open(ImageStoreTests.OpenStore(In("data")), out var reason).ShouldBeOfType<OverlaySnapshotter>();
        reason.ShouldBeNull();
    }
}
