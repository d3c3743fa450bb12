using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Mounts;
using Sampan.Engine.Tests.Doubles;

namespace Sampan.Engine.Tests.Containers;

public sealed class MountTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Empty_volume_is_filled_from_the_image()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.CreateAsync(Harbour.Spec with { Binds = [BindSpec.Parse("cargo:/data")] });
        var mount = harbour.Containers.Get(id).Mounts.ShouldHaveSingleItem();
        mount.VolumeName.ShouldBe("cargo");
        File.ReadAllText(Path.Combine(mount.Source, "seed")).ShouldBe("seed");
        harbour.Engine.Volumes.UsedBy("cargo").ShouldBe([id]);
        (await Should.ThrowAsync<EngineException>(() => harbour.Engine.Volumes.RemoveAsync("cargo", force: false, None))).Kind.ShouldBe(ErrorKind.Conflict);
    }

    [Fact]
    public async Task Nocopy_leaves_the_volume_empty()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.CreateAsync(Harbour.Spec with { Binds = [BindSpec.Parse("cargo:/data:nocopy")] });
        Directory.EnumerateFileSystemEntries(harbour.Containers.Get(id).Mounts[0].Source).ShouldBeEmpty();
    }

    [Fact]
    public async Task Volumes_of_the_image_are_anonymous_and_go_with_the_container()
    {
        await using var harbour = await Harbour.OpenAsync("VOLUME /data");
        var id = await harbour.CreateAsync();
        var volume = harbour.Containers.Get(id).Mounts.ShouldHaveSingleItem();
        volume.Anonymous.ShouldBeTrue();
        await harbour.Containers.RemoveAsync(id, new RemoveOptions { Volumes = true }, None);
        harbour.Engine.Volumes.List().ShouldBeEmpty();
    }

    [Fact]
    public async Task Create_that_fails_removes_the_volumes_it_made()
    {
        await using var harbour = await Harbour.OpenAsync();
        var spec = Harbour.Spec with { Binds = [BindSpec.Parse("new:/a"), BindSpec.Parse("other:/a")] };
        (await Should.ThrowAsync<EngineException>(() => harbour.CreateAsync(spec, "xy"))).Message.ShouldBe("Duplicate mount point: /a");
        harbour.Engine.Volumes.List().ShouldBeEmpty();
        await harbour.CreateAsync(name: "xy");
        // Those made ahead, whose names begin with a dot, are nobody's.
        Directory.EnumerateDirectories(Path.Combine(harbour.Data, "containers")).Count(path => !Path.GetFileName(path).StartsWith('.')).ShouldBe(1);
    }

    [Theory]
    [InlineData("/a:/b:ro,rw", "only one option says whether it can be written to")]
    [InlineData("/a:/b:z,Z", "how it is labelled")]
    [InlineData("/a:/b:rshared,rslave", "how mounts travel")]
    [InlineData("/a:/b:cached,delegated", "how consistent it is")]
    [InlineData("cargo:/b:rshared", "field BindOptions must not be specified")]
    [InlineData("/a:/b:nocopy", "field VolumeOptions must not be specified")]
    [InlineData("/a:/b:", "invalid mode")]
    public void Options_that_contradict_each_other_or_the_source_are_refused_as_docker_refuses_them(string text, string reason)
    {
        var refused = Should.Throw<EngineException>(() => BindSpec.Parse(text));
        refused.Kind.ShouldBe(ErrorKind.InvalidArgument);
        refused.Message.ShouldStartWith($"invalid volume specification: '{text}': ");
        refused.Message.ShouldContain(reason);
    }

    [Theory]
    [InlineData("/a:/b:ro,z,rslave,cached")]
    [InlineData("cargo:/b:nocopy,ro,Z,delegated")]
    public void One_option_of_each_kind_is_taken(string text) => BindSpec.Parse(text).ToString().ShouldBe(text);

    [Fact]
    public async Task Missing_source_is_made_for_v_and_refused_for_mount()
    {
        await using var harbour = await Harbour.OpenAsync();
        var made = Path.Combine(harbour.Root, "made");
        await harbour.RunAsync(Harbour.Spec with { Binds = [BindSpec.Parse($"{made}:/x")] });
        Directory.Exists(made).ShouldBeTrue();
        var missing = Harbour.Spec with { Mounts = [new MountSpec { Kind = MountKind.Bind, Source = Path.Combine(harbour.Root, "absent"), Target = "/x" }] };
        (await Should.ThrowAsync<EngineException>(() => harbour.CreateAsync(missing))).Message.ShouldContain("bind source path does not exist");
    }

    [Theory]
    [InlineData("/a")]
    [InlineData("a:b")]
    [InlineData("/a:/b:nonsense")]
    [InlineData("/a:/b:ro:x")]
    [InlineData("/a:/")]
    public void Bind_that_is_none_is_refused(string text) =>
        Should.Throw<EngineException>(() => BindSpec.Parse(text)).Kind.ShouldBe(ErrorKind.InvalidArgument);

    [Theory]
    [InlineData(true, "ro")]
    [InlineData(false, "rro")]
    public async Task Read_only_bind_of_an_older_client_leaves_what_is_mounted_below_as_it_is(bool older, string option)
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync(Harbour.Spec with { Binds = [BindSpec.Parse($"{harbour.Root}:/x:ro") with { ReadOnlyNonRecursive = older }] });
        harbour.Supervisors.Of(id).Order.Spec.Mounts.Single(mount => mount.Destination == "/x").Options.ShouldContain(option);
    }

    [Fact]
    public void Bind_survives_there_and_back() => BindSpec.Parse("/a:/b:ro,rslave").ToString().ShouldBe("/a:/b:ro,rslave");
}
