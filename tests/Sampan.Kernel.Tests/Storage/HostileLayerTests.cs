using Sampan.Linux;
using Sampan.Storage;
using Sampan.Storage.Archives;

namespace Sampan.Kernel.Tests.Storage;

/// <summary>Archives that try to reach beyond the layer. Beside the layer lies a directory that must look the same afterwards.</summary>
public sealed class HostileLayerTests : StorageTest
{
    public HostileLayerTests()
    {
        Directory.CreateDirectory(In("outside"));
        File.WriteAllText(In("outside/secret"), "secret");
        File.SetUnixFileMode(In("outside/secret"), UnixFileMode.UserRead);
    }

    [Theory]
    [InlineData("../outside/new")]
    [InlineData("a/../../outside/new")]
    [InlineData("/../outside/new")]
    [InlineData("./../outside/new")]
    [InlineData("..")]
    public void Names_with_dots_that_lead_out_are_refused(string name)
    {
        Should.Throw<StorageException>(() => Attack(new TestLayer().File(name, "x"))).ShouldSatisfyAllConditions(
            e => e.Kind.ShouldBe(StorageError.InvalidInput),
            e => e.Message.ShouldContain("leads out of the layer"));
        IsUntouched();
    }

    [Fact]
    public void Absolute_names_stay_inside()
    {
        Attack(new TestLayer().File(In("outside/secret"), "overwritten"));

        File.ReadAllText(Path.Combine(In("layer") + In("outside/secret"))).ShouldBe("overwritten");
        IsUntouched();
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("../../../../../../../..")]
    [InlineData("ABSOLUTE")]
    public void Links_as_parents_are_resolved_inside(string target)
    {
        var resolved = target == "ABSOLUTE" ? In("outside") : target;
        // Where the link leads is not there inside, or is the layer's own root: either is refused or lands inside.
        Refused(() => Attack(new TestLayer().Symlink("link", resolved).File("link/secret", "overwritten").File("link/new", "x")));
        IsUntouched();
    }

    [Fact]
    public void Chains_of_links_are_resolved_inside()
    {
        Refused(() => Attack(new TestLayer().Symlink("a", ".").Symlink("a/b", "..").Symlink("a/b/c", In("outside")).File("a/b/c/secret", "x").Directory("a/b/c/", 0x1ff, 9, 9)));
        IsUntouched();
    }

    [Theory]
    [InlineData("../outside/secret")]
    [InlineData("ABSOLUTE")]
    public void Hard_links_to_outside_are_refused(string target)
    {
        var name = target == "ABSOLUTE" ? In("outside/secret") : target;
        Should.Throw<StorageException>(() => Attack(new TestLayer().HardLink("stolen", name))).Kind.ShouldBe(StorageError.InvalidInput);
        IsUntouched();
    }

    [Fact]
    public void Hard_links_through_a_link_stay_inside()
    {
        Should.Throw<StorageException>(() => Attack(new TestLayer().Symlink("out", In("outside")).HardLink("stolen", "out/secret"))).Kind.ShouldBe(StorageError.InvalidInput);
        IsUntouched();
    }

    [Fact]
    public void CVE_2021_32760_a_hard_link_to_a_link_does_not_change_what_it_points_to()
    {
        // The link is linked itself; permissions in the second entry must not reach the file outside.
        Attack(new TestLayer()
            .Symlink("link", In("outside/secret"))
            .Add(new TarEntry { Kind = TarEntryKind.HardLink, Name = "again", LinkName = "link", Mode = (UnixFileMode)0xfff, Uid = 77 })
            .Add(new TarEntry { Kind = TarEntryKind.SymbolicLink, Name = "third", LinkName = In("outside/secret"), Mode = (UnixFileMode)0xfff, Uid = 77, Attributes = [new("user.x", [1])] }));
        IsUntouched();
    }

    [Fact]
    public void A_file_written_over_a_link_replaces_the_link()
    {
        Attack(new TestLayer().Symlink("x", In("outside/secret")).File("x", "overwritten", 0xfff, 77));

        File.ReadAllText(In("layer/x")).ShouldBe("overwritten");
        IsUntouched();
    }

    [Fact]
    public void A_directory_over_a_link_replaces_the_link()
    {
        Attack(new TestLayer().Symlink("x", In("outside")).Directory("x/", 0x1ff, 77).File("x/secret", "mine"));

        File.ReadAllText(In("layer/x/secret")).ShouldBe("mine");
        IsUntouched();
    }

    [Fact]
    public void A_directory_exchanged_for_a_link_meanwhile_is_not_followed_by_late_times()
    {
        Attack(new TestLayer().Directory("x/", time: new(1, 0)).Symlink("x", In("outside")));
        IsUntouched();
    }

    [Fact]
    public void The_root_itself_cannot_become_something_else()
    {
        Should.Throw<StorageException>(() => Attack(new TestLayer().Symlink("./", In("outside")))).Kind.ShouldBe(StorageError.InvalidInput);
        Should.Throw<StorageException>(() => Attack(new TestLayer().File("a/..", "x"))).Kind.ShouldBe(StorageError.InvalidInput);
        IsUntouched();
    }

    [Theory]
    [InlineData(".wh.")]
    [InlineData(".wh..")]
    [InlineData(".wh...")]
    [InlineData("d/.wh...")]
    public void Whiteouts_of_no_plain_name_are_refused(string name)
    {
        Should.Throw<StorageException>(() => Attack(new TestLayer().Directory("d/").File(name))).Message.ShouldContain("hides no plain name");
        IsUntouched();
    }

    [Fact]
    public void An_opaque_marker_behind_a_link_stays_inside()
    {
        Refused(() => Attack(new TestLayer().Symlink("out", In("outside")).File("out/.wh..wh..opq").File("out/.wh.secret")));
        IsUntouched();
    }

    [Fact]
    public void A_file_used_as_directory_is_refused() =>
        Should.Throw<StorageException>(() => Attack(new TestLayer().File("f", "x").File("f/g", "y"))).Message.ShouldContain("'f' in the archive is used as a directory but is none");

    [Fact]
    public void Links_in_a_circle_end() =>
        Should.Throw<StorageException>(() => Attack(new TestLayer().Symlink("a", "b").Symlink("b", "a").File("a/x"))).Message.ShouldContain("ELOOP");

    [Fact]
    public void Names_too_long_for_the_file_system_are_told() =>
        Should.Throw<StorageException>(() => Attack(new TestLayer().File(new string('n', 300), "x"))).Message.ShouldContain("ENAMETOOLONG");

    [Fact]
    public void Deep_nesting_is_unpacked_or_refused_but_leaves_nothing_open()
    {
        Refused(() => Attack(new TestLayer().File(string.Join('/', Enumerable.Repeat("d", 2000)) + "/f", "x")));
        OpenDescriptors().ShouldBe(0);
    }

    private void Attack(TestLayer layer) => Unpack(layer.ToTar(), In("layer"));

    // Both a clear refusal and a harmless result inside are fine; the test is what IsUntouched sees.
    private static void Refused(Action attack)
    {
        try
        {
            attack();
        }
        catch (Exception refused) when (refused is StorageException or LinuxException)
        {
            refused.Message.ShouldNotBeNullOrEmpty();
        }
    }

    private void IsUntouched()
    {
        File.ReadAllText(In("outside/secret")).ShouldBe("secret");
        File.GetUnixFileMode(In("outside/secret")).ShouldBe(UnixFileMode.UserRead);
        Directory.GetFileSystemEntries(In("outside")).ShouldBe([In("outside/secret")]);
        Directory.GetFileSystemEntries(Home).Select(Path.GetFileName).Order().ShouldBe(["layer", "outside"]);
        using var outside = Sampan.Linux.Files.DirectoryHandle.Open(In("outside"));
        outside.TryStat("secret"u8, out var status).ShouldBeTrue();
        (status.Uid, status.LinkCount).ShouldBe((0u, 1u));
        outside.ListAttributes("secret"u8).ShouldBeEmpty();
        outside.ListAttributes([]).ShouldBeEmpty();
    }
}
