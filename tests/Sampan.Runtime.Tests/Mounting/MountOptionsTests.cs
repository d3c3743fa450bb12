using Sampan.Linux.Mounts;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Mounting;

namespace Sampan.Runtime.Tests.Mounting;

/// <summary>The words of mount(8) in <c>mounts[].options</c>.</summary>
public sealed class MountOptionsTests
{
    private static MountPlan Bind(params string[] options) => MountOptions.Read(new Mount { Destination = "/data", Type = "bind", Source = "/srv", Options = ["bind", .. options] });

    private static MountPlan Tmpfs(params string[] options) => MountOptions.Read(new Mount { Destination = "/data", Type = "tmpfs", Source = "tmpfs", Options = options });

    private static string Refusal(Mount mount)
    {
        MountOptions.TryRead(mount, out _, out var reason).ShouldBeFalse();
        return reason;
    }

    [Theory]
    [InlineData("ro", MountAttributes.ReadOnly)]
    [InlineData("nosuid", MountAttributes.NoSetUid)]
    [InlineData("nodev", MountAttributes.NoDevices)]
    [InlineData("noexec", MountAttributes.NoExec)]
    [InlineData("nodiratime", MountAttributes.NoDirectoryAccessTime)]
    [InlineData("noatime", MountAttributes.NoAccessTime)]
    [InlineData("strictatime", MountAttributes.StrictAccessTime)]
    [InlineData("nosymfollow", MountAttributes.NoSymbolicLinks)]
    public void A_word_sets_an_attribute_of_the_mount_and_with_r_of_those_below_too(string word, MountAttributes attribute)
    {
        var one = Bind(word);
        (one.Set, one.RecursiveSet, one.RecursiveClear).ShouldBe((attribute, MountAttributes.None, MountAttributes.None));
        var all = Bind("r" + word);
        (all.Set, all.Clear, all.RecursiveSet).ShouldBe((MountAttributes.None, MountAttributes.None, attribute));
    }

    [Theory]
    [InlineData("rw", MountAttributes.ReadOnly)]
    [InlineData("suid", MountAttributes.NoSetUid)]
    [InlineData("dev", MountAttributes.NoDevices)]
    [InlineData("exec", MountAttributes.NoExec)]
    [InlineData("diratime", MountAttributes.NoDirectoryAccessTime)]
    [InlineData("symfollow", MountAttributes.NoSymbolicLinks)]
    [InlineData("atime", MountAttributes.AccessTimeMask)]
    [InlineData("relatime", MountAttributes.AccessTimeMask)]
    public void Its_opposite_clears_it(string word, MountAttributes attribute)
    {
        var plan = Bind(word);
        (plan.Set, plan.Clear).ShouldBe((MountAttributes.None, attribute));
        Bind("r" + word).RecursiveClear.ShouldBe(attribute);
    }

    [Fact]
    public void Of_words_that_contradict_each_other_the_last_counts()
    {
        var writable = Bind("ro", "rw");
        (writable.Set, writable.Clear).ShouldBe((MountAttributes.None, MountAttributes.ReadOnly));
        var readable = Bind("rw", "ro");
        (readable.Set, readable.Clear).ShouldBe((MountAttributes.ReadOnly, MountAttributes.None));
        // The ways of access times exclude each other: the kernel wants the others cleared.
        var times = Bind("noatime", "strictatime");
        (times.Set, times.Clear & MountAttributes.NoAccessTime).ShouldBe((MountAttributes.StrictAccessTime, MountAttributes.NoAccessTime));
    }

    [Theory]
    [InlineData("rshared", MountPropagation.Shared, true)]
    [InlineData("shared", MountPropagation.Shared, false)]
    [InlineData("rslave", MountPropagation.Slave, true)]
    [InlineData("slave", MountPropagation.Slave, false)]
    [InlineData("rprivate", MountPropagation.Private, true)]
    [InlineData("runbindable", MountPropagation.Unbindable, true)]
    [InlineData("unbindable", MountPropagation.Unbindable, false)]
    public void Propagation_is_named_for_the_mount_or_all_below(string word, MountPropagation kind, bool recursive)
    {
        var plan = Bind(word);
        (plan.Propagation, plan.PropagationRecursive, plan.FollowsHost).ShouldBe((kind, recursive, kind is MountPropagation.Shared or MountPropagation.Slave));
    }

    [Fact]
    public void Without_a_word_nothing_is_shared()
    {
        var plan = Bind();
        (plan.Propagation, plan.PropagationRecursive, plan.Recursive).ShouldBe((MountPropagation.Private, true, false));
        MountOptions.Read(new Mount { Destination = "/data", Source = "/srv", Options = ["rbind"] }).Recursive.ShouldBeTrue();
    }

    [Fact]
    public void What_is_no_word_of_ours_is_the_file_systems()
    {
        var plan = Tmpfs("nosuid", "size=64k", "mode=1777", "huge=never", "swap");
        plan.Set.ShouldBe(MountAttributes.NoSetUid);
        plan.Data.ShouldBe([new("size", "64k"), new("mode", "1777"), new("huge", "never"), new("swap", null)]);
        Tmpfs("defaults", "silent", "loud", "noiversion").Data.ShouldBeEmpty();
        Tmpfs("x=a=b").Data.ShouldBe([new("x", "a=b")]);
        Bind("sync", "lazytime").Data.ShouldBeEmpty();
        Tmpfs("sync").Data.ShouldBe([new("sync", null)]);
    }

    [Theory]
    [InlineData("data", "/data")]
    [InlineData("../../data", "/data")]
    [InlineData("/a/./b//c/..", "/a/b")]
    public void A_destination_is_a_path_from_the_root(string destination, string path) => MountOptions.Read(new Mount { Destination = destination, Type = "tmpfs" }).Destination.ShouldBe(path);

    [Fact]
    public void What_contradicts_itself_is_refused_with_a_reason()
    {
        Mount bind = new() { Destination = "/data", Type = "bind", Source = "/srv" };
        Mount tmpfs = new() { Destination = "/data", Type = "tmpfs" };
        Refusal(bind with { Options = ["rprivat"] }).ShouldContain("\"rprivat\" is not known for a bind");
        Refusal(bind with { Options = ["size=1"] }).ShouldContain("\"size\"");
        Refusal(bind with { Options = ["tmpcopyup"] }).ShouldContain("'tmpcopyup' is for tmpfs");
        Refusal(tmpfs with { Options = ["copyup"] }).ShouldContain("'copyup' is for binds");
        Refusal(tmpfs with { Options = ["idmap"] }).ShouldContain("for binds only");
        Refusal(tmpfs with { UidMappings = [new IdMapping { Size = 1 }] }).ShouldContain("for binds only");
        Refusal(bind with { Options = ["bind", "remount", "idmap"] }).ShouldContain("'remount'");
        Refusal(tmpfs with { Options = ["remount", "tmpcopyup"] }).ShouldContain("'remount'");
    }

    [Fact]
    public void Ids_are_mapped_by_the_containers_map_or_one_of_their_own()
    {
        Bind("ro").IdMap.ShouldBeNull();
        var own = Bind("ridmap").IdMap.ShouldNotBeNull();
        (own.IsOfContainer, own.Recursive).ShouldBe((true, true));
        var other = MountOptions.Read(new Mount { Destination = "/data", Type = "bind", Source = "/srv", UidMappings = [new IdMapping { Size = 1 }], GidMappings = [new IdMapping { Size = 1 }] }).IdMap.ShouldNotBeNull();
        (other.IsOfContainer, other.Recursive).ShouldBe((false, false));
    }
}
