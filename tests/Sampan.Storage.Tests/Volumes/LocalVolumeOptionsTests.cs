using Sampan.Storage.Volumes;

namespace Sampan.Storage.Tests.Volumes;

public sealed class LocalVolumeOptionsTests
{
    [Fact]
    public void Options_of_a_mount_are_read()
    {
        var nfs = Parse("type=nfs", "device=:/export", "o=addr=192.0.2.1,rw,nfsvers=4");
        nfs.IsMounted.ShouldBeTrue();
        nfs.IsBind.ShouldBeFalse();
        nfs.Words.ShouldBe(["addr=192.0.2.1", "rw", "nfsvers=4"]);
        Parse("type=none", "device=/srv", "o=bind").IsBind.ShouldBeTrue();
    }

    [Fact]
    public void Owner_permissions_and_size_are_read()
    {
        var owned = Parse("uid=1000", "gid=33", "mode=2750", "size=1.5g");
        (owned.Uid, owned.Gid, owned.Mode, owned.Size).ShouldBe((1000u, 33u, (UnixFileMode)Convert.ToInt32("2750", 8), 3L << 29));
        Parse("size=10m").Size.ShouldBe(10 << 20);
        Parse("size=10MiB").Size.ShouldBe(10 << 20);
        Parse("size=4096").Size.ShouldBe(4096);
    }

    [Theory]
    [InlineData("invalid option: \"nonsense\"", "nonsense=1")]
    [InlineData("missing required option: \"device\"", "type=tmpfs")]
    [InlineData("missing required option: \"device\"", "o=ro")]
    [InlineData("missing required option: \"type\"", "device=tmpfs")]
    [InlineData("missing required option: \"device\"", "type=tmpfs", "device=")]
    [InlineData("no absolute path", "type=none", "o=bind", "device=relative")]
    [InlineData("has to say bind or rbind", "type=none", "o=ro", "device=/srv")]
    [InlineData("invalid option: \"uid\"", "uid=root")]
    [InlineData("invalid option: \"uid\"", "uid=4294967295")]
    [InlineData("invalid option: \"gid\"", "gid=-1")]
    [InlineData("invalid option: \"mode\"", "mode=888")]
    [InlineData("invalid option: \"mode\"", "mode=77777")]
    [InlineData("invalid option: \"size\"", "size=0")]
    [InlineData("invalid option: \"size\"", "size=lots")]
    [InlineData("invalid option: \"size\"", "size=9999999999999p")]
    [InlineData("invalid option: \"uid\": it is for volumes in the data root", "type=tmpfs", "device=tmpfs", "uid=5")]
    public void What_is_wrong_is_named(string message, params string[] options) => Should.Throw<StorageException>(() => Parse(options))
        .ShouldSatisfyAllConditions(e => e.Kind.ShouldBe(StorageError.InvalidInput), e => e.Message.ShouldContain(message));

    private static LocalVolumeOptions Parse(params string[] options) =>
        LocalVolumeOptions.Parse(options.Select(option => option.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]));
}
