using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Storage;
using Sampan.Storage.Volumes;

namespace Sampan.Kernel.Tests.Storage;

public sealed class VolumeStoreTests : StorageTest
{
    private readonly VolumeStore _store;

    public VolumeStoreTests() => _store = Open();

    [Fact]
    public void A_volume_is_made_once_and_survives_a_restart()
    {
        var made = _store.Create("data", new Dictionary<string, string> { ["k"] = "v" });
        File.WriteAllText(Path.Combine(made.MountPoint, "file"), "12345");

        _store.Create("data").ShouldBe(made);
        var again = Open();
        again.Find("data").ShouldNotBeNull().ShouldSatisfyAllConditions(
            v => v.MountPoint.ShouldBe(In("volumes/data/_data")), v => v.Labels["k"].ShouldBe("v"), v => v.Created.ShouldBe(made.Created), v => v.Anonymous.ShouldBeFalse());
        again.Usage("data").ShouldBe(5);
    }

    [Fact]
    public void A_made_up_name_is_64_digits_and_anonymous() =>
        _store.Create(null).ShouldSatisfyAllConditions(v => v.Name.Length.ShouldBe(64), v => v.Anonymous.ShouldBeTrue());

    [Theory]
    [InlineData("a/b")]
    [InlineData("../x")]
    [InlineData(".x")]
    [InlineData("a b")]
    [InlineData("ü-name")]
    public void Bad_names_are_refused_in_dockers_words(string name) =>
        Should.Throw<StorageException>(() => _store.Create(name)).ShouldSatisfyAllConditions(
            e => e.Kind.ShouldBe(StorageError.InvalidInput), e => e.Message.ShouldContain("includes invalid characters for a local volume name"));

    [Fact]
    public void A_name_that_is_too_short_is_refused_in_dockers_words() =>
        Should.Throw<StorageException>(() => _store.Create("a")).ShouldSatisfyAllConditions(
            e => e.Kind.ShouldBe(StorageError.InvalidInput), e => e.Message.ShouldEndWith("volume name is too short, names should be at least two alphanumeric characters"));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_link_in_the_place_of_a_new_volume_is_not_followed(bool isThere)
    {
        var elsewhere = In("elsewhere");
        if (isThere)
            Directory.CreateDirectory(elsewhere);
        File.CreateSymbolicLink(In("volumes/linked"), elsewhere);

        Should.Throw<StorageException>(() => _store.Create("linked")).ShouldSatisfyAllConditions(
            e => e.Kind.ShouldBe(StorageError.Conflict), e => e.Message.ShouldContain($"is a link to '{elsewhere}'"));

        Directory.Exists(elsewhere).ShouldBe(isThere);
        if (isThere)
            Directory.EnumerateFileSystemEntries(elsewhere).ShouldBeEmpty();
        File.Delete(In("volumes/linked"));
        _store.Create("linked").MountPoint.ShouldBe(In("volumes/linked/_data"));
    }

    [Fact]
    public void Options_are_refused_not_ignored()
    {
        Should.Throw<StorageException>(() => _store.Create("data", null, new Dictionary<string, string> { ["type"] = "nfs" })).Message.ShouldBe("create data: missing required option: \"device\"");
        _store.List().ShouldBeEmpty();
        Directory.GetFileSystemEntries(In("volumes")).ShouldBeEmpty();
    }

    [Fact]
    public void An_owner_and_permissions_are_those_that_were_asked_for()
    {
        var owned = _store.Create("owned", null, new Dictionary<string, string> { ["uid"] = "1000", ["gid"] = "33", ["mode"] = "2750" });
        var directory = FileStatus.Of(DirectoryHandle.Open(owned.MountPoint).Descriptor);
        (directory.Uid, directory.Gid, Convert.ToString((int)directory.Mode, 8)).ShouldBe((1000u, 33u, "2750"));
    }

    [Fact]
    public void A_size_is_refused_by_name_where_the_file_system_has_no_project_quotas()
    {
        if (File.ReadAllText("/proc/self/mounts").Contains("prjquota", StringComparison.Ordinal))
            Assert.Skip("a file system of this machine has project quotas");
        Should.Throw<StorageException>(() => _store.Create("small", null, new Dictionary<string, string> { ["size"] = "1m" }))
            .ShouldSatisfyAllConditions(e => e.Kind.ShouldBe(StorageError.NotSupported), e => e.Message.ShouldContain("has no project quotas"));
        _store.List().ShouldBeEmpty();
        Directory.GetFileSystemEntries(In("volumes")).ShouldBeEmpty();
    }

    [Fact]
    public void A_volume_in_use_stays()
    {
        _store.Create("data");

        Should.Throw<StorageException>(() => _store.Remove("data", _ => "c0ffee")).ShouldSatisfyAllConditions(
            e => e.Kind.ShouldBe(StorageError.InUse), e => e.Message.ShouldBe("remove data: volume is in use - [c0ffee]"));
        _store.Remove("data", _ => null);
        _store.List().ShouldBeEmpty();
        Directory.GetFileSystemEntries(In("volumes")).ShouldBeEmpty();
        Should.Throw<StorageException>(() => _store.Remove("data", _ => null)).Message.ShouldBe("get data: no such volume");
    }

    [Fact]
    public void Data_without_its_record_is_adopted_never_thrown_away()
    {
        var made = _store.Create("data");
        File.WriteAllText(Path.Combine(made.MountPoint, "file"), "precious");
        File.Delete(In("volumes/data/volume.json"));
        Directory.CreateDirectory(In("volumes/copied/_data"));

        Open().List().Select(v => v.Name).ShouldBe(["copied", "data"]);
        File.ReadAllText(Path.Combine(made.MountPoint, "file")).ShouldBe("precious");
    }

    private VolumeStore Open() => VolumeStore.Open(Home, TimeProvider.System);
}
