using Sampan.Engine;
using Sampan.Engine.Images;
using Sampan.Oci.Images;
using Sampan.Server.Docker.Images;

namespace Sampan.Server.Tests.Docker;

/// <summary>The filters of <c>docker images</c>, by the page of the command and moby's daemon/images/images.go.</summary>
public sealed class ImageFilterTests
{
    private static readonly DateTimeOffset s_noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private static readonly ImageSnapshot[] s_images =
    [
        Image("old", -5, ["busybox:1.35"], labels: ["tier=front", "stage"]),
        Image("mid", -3, ["busybox:1.36", "example.test:5000/team/busybox:latest"], ["busybox@sha256:" + new string('a', 64)], ["tier=back"]),
        Image("digest", -2, [], ["example.test/only@sha256:" + new string('b', 64)]),
        Image("none", -1, [], parent: "mid"),
    ];

    [Theory]
    [InlineData(null, "old mid digest none")]
    [InlineData("""{"dangling":["true"]}""", "digest none")]
    [InlineData("""{"dangling":["false"]}""", "old mid digest")]
    [InlineData("""{"dangling":{"1":true}}""", "digest none")]
    [InlineData("""{"label":["tier"]}""", "old mid")]
    [InlineData("""{"label":["tier=front"]}""", "old")]
    [InlineData("""{"label":["tier","stage"]}""", "old")]
    [InlineData("""{"label!":["tier"]}""", "digest none")]
    [InlineData("""{"before":["mid"]}""", "old")]
    [InlineData("""{"before":["digest","mid"]}""", "old")]
    [InlineData("""{"since":["mid"]}""", "digest none")]
    [InlineData("""{"since":["old","mid"]}""", "digest none")]
    [InlineData("""{"since":["old"],"before":["digest"]}""", "mid")]
    [InlineData("""{"until":["150m"]}""", "old mid")]
    [InlineData("""{"until":["2026-01-02T09:30:00Z"]}""", "old mid")]
    [InlineData("""{"until":["150m"],"before":["mid"]}""", "old")]
    [InlineData("""{"reference":["busybox"]}""", "old mid")]
    [InlineData("""{"reference":["busybox:1.3[0-5]"]}""", "old")]
    [InlineData("""{"reference":["busybox:*5","nothing"]}""", "old")]
    [InlineData("""{"reference":["*/*/busybox"]}""", "mid")]
    [InlineData("""{"reference":["*"]}""", "old mid")]
    [InlineData("""{"reference":["*/*"]}""", "digest")]
    [InlineData("""{"label":["tier"],"reference":["busybox:1.36"]}""", "mid")]
    public void Each_filter_keeps_what_docker_keeps(string? json, string ids)
    {
        var filter = new ImageFilter(json, name => Array.Find(s_images, image => image.Id == name)!.Created, s_noon);

        s_images.Where(filter.Matches).Select(image => image.Id).ShouldBe(ids.Split(' '));
    }

    [Theory]
    [InlineData("""{"colour":["red"]}""", "invalid filter 'colour'")]
    [InlineData("""{"dangling":["perhaps"]}""", "invalid filter 'dangling=perhaps'")]
    [InlineData("""{"until":["soon"]}""", "invalid filter 'until=soon'")]
    [InlineData("""{"reference":["busybox:["]}""", "syntax error in pattern")]
    public void What_cannot_be_is_refused_by_name(string json, string part) =>
        Should.Throw<EngineException>(() => new ImageFilter(json, _ => s_noon, s_noon)).Message.ShouldContain(part);

    [Fact]
    public void Only_the_names_that_were_asked_for_are_shown()
    {
        var filter = new ImageFilter("""{"reference":["busybox:*"]}""", _ => s_noon, s_noon);

        filter.Narrowed(s_images[1]).RepoTags.ShouldBe(["busybox:1.36"]);
    }

    [Fact]
    public void What_others_were_made_from_is_hidden_if_it_has_no_name()
    {
        ImageSnapshot[] images = [Image("base", -5, ["base:1"]), Image("step", -4, [], parent: "base"), Image("top", -3, ["top:1"], parent: "step"), Image("left", -2, [], parent: "base")];

        ImageFilter.WithoutIntermediate(images).Select(image => image.Id).ShouldBe(["base", "top", "left"]);
    }

    [Theory]
    [InlineData("abc", "abc", true)]
    [InlineData("*", "abc", true)]
    [InlineData("*c", "abc", true)]
    [InlineData("a*", "a", true)]
    [InlineData("a*", "ab/c", false)]
    [InlineData("a*/b", "abc/b", true)]
    [InlineData("a*/b", "a/c/b", false)]
    [InlineData("a*b*c*d*e*/f", "axbxcxdxe/f", true)]
    [InlineData("a*b*c*d*e*/f", "axbxcxdxexxx/f", true)]
    [InlineData("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", false)]
    [InlineData("a*b?c*x", "abxbbxdbxebxczzx", true)]
    [InlineData("a*b?c*x", "abxbbxdbxebxczzy", false)]
    [InlineData("ab[c]", "abc", true)]
    [InlineData("ab[b-d]", "abc", true)]
    [InlineData("ab[e-g]", "abc", false)]
    [InlineData("ab[^c]", "abc", false)]
    [InlineData("ab[^e-g]", "abc", true)]
    [InlineData("a\\*b", "a*b", true)]
    [InlineData("a\\*b", "ab", false)]
    [InlineData("a?b", "a/b", false)]
    [InlineData("[\\]a]", "]", true)]
    [InlineData("[\\-x]", "-", true)]
    [InlineData("*x", "xxx", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("***", "", true)]
    public void Patterns_are_those_of_go(string pattern, string name, bool matches)
    {
        GoPattern.IsValid(pattern).ShouldBeTrue();
        GoPattern.Matches(pattern, name).ShouldBe(matches);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("[]a]")]
    [InlineData("[-]")]
    [InlineData("[x-]")]
    [InlineData("[^bc")]
    [InlineData("a[")]
    [InlineData("\\")]
    [InlineData("*[a-")]
    public void A_pattern_that_does_not_end_is_none(string pattern) => GoPattern.IsValid(pattern).ShouldBeFalse();

    private static ImageSnapshot Image(string id, int hours, string[] tags, string[]? digests = null, string[]? labels = null, string? parent = null) => new()
    {
        Id = id,
        Config = new ImageConfig
        {
            Os = "linux",
            Architecture = "amd64",
            Config = new ImageDefaults { Labels = (labels ?? []).ToDictionary(label => label.Split('=')[0], label => label.Contains('=') ? label.Split('=')[1] : "") },
            RootFs = new RootFileSystem { Type = "layers", DiffIds = [] },
        },
        RepoTags = tags,
        RepoDigests = digests ?? [],
        Created = s_noon.AddHours(hours),
        ParentId = parent,
    };
}
