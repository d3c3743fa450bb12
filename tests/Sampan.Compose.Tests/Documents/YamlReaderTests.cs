using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Sampan.Compose.Documents;

namespace Sampan.Compose.Tests.Documents;

public sealed class YamlReaderTests
{
    [Fact]
    public void Values_have_kinds_and_places()
    {
        var map = (Mapping)Read("a: 1\nb: 'x'\nc: ~\nd: true\ne: 0x1f\nf: yes\ng:\n  - h\n");
        Kind(map, "a").ShouldBe(ScalarKind.Number);
        Kind(map, "b").ShouldBe(ScalarKind.Text);
        Kind(map, "c").ShouldBe(ScalarKind.Null);
        Kind(map, "d").ShouldBe(ScalarKind.Boolean);
        Kind(map, "e").ShouldBe(ScalarKind.Number);
        Kind(map, "f").ShouldBe(ScalarKind.Text);
        ((Sequence?)map["g"])?.Items[0].At.ShouldBe(new Position("f", 8, 5));
        map.Find("g")?.At.ShouldBe(new Position("f", 7, 1));
    }

    [Fact]
    public void Merge_keys_add_what_is_not_there_the_first_one_wins()
    {
        var map = (Mapping)Read("x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  c: 3\n  <<: [*x, *y]\n");
        var z = map["z"].ShouldBeOfType<Mapping>();
        z.Members.Select(m => $"{m.Key}={((Scalar)m.Value).Text}").ShouldBe(["c=3", "a=1", "b=1"]);
    }

    [Theory]
    [InlineData("a: 1\na: 2\n", "f:2:1: a: the key 'a' is there twice: first in line 1")]
    [InlineData("a: *b\n", "f:1:4: a: the alias '*b' has no anchor '&b' before it")]
    [InlineData("a: &b [*b]\n", "f:1:8: a[0]: the alias '*b' is inside of what it stands for")]
    [InlineData("a: !include x\n", "f:1:4: a: unknown tag '!include': expected !reset, !override or none")]
    [InlineData("a:\n  <<: 5\n", "f:2:7: a.<<: expected a mapping to merge, not the number 5")]
    [InlineData("? [a]\n: b\n", "f:1:3: a key must be a word, not a list")]
    public void What_is_wrong_is_told_with_its_place(string yaml, string expected)
    {
        var problems = new Problems();
        YamlReader.Read("f", yaml, problems);
        Should.Throw<ComposeException>(problems.ThrowIfAny).Message.ShouldBe(expected);
    }

    [Theory]
    [InlineData("a: [1\nb: 2\n")]
    [InlineData("a: b: c\n")]
    [InlineData("a: \"b\n")]
    [InlineData("%YAML 9\n")]
    public void What_is_no_yaml_is_refused_with_a_place(string yaml)
    {
        var problems = new Problems();
        YamlReader.Read("f", yaml, problems);
        Should.Throw<ComposeException>(problems.ThrowIfAny).Message.ShouldStartWith("f:");
    }

    [Fact]
    public void A_bomb_of_aliases_is_refused_before_it_goes_off()
    {
        var yaml = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 30; i++) yaml.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        var problems = new Problems();
        YamlReader.Read("f", yaml.ToString(), problems);
        Should.Throw<ComposeException>(problems.ThrowIfAny).Message.ShouldContain("aliases make more than");
    }

    [Fact]
    public void A_bomb_of_merge_keys_is_refused_before_it_goes_off()
    {
        var yaml = new StringBuilder("a0: &a0 {b0: x}\n");
        for (int i = 1; i < 60; i++) yaml.Append($"a{i}: &a{i} {{b{i}: *a{i - 1}, c{i}: *a{i - 1}}}\n");
        var problems = new Problems();
        YamlReader.Read("f", yaml.ToString(), problems);
        Should.Throw<ComposeException>(problems.ThrowIfAny).Message.ShouldContain("aliases make more than");
    }

    [Fact]
    public void Depth_has_a_limit()
    {
        var problems = new Problems();
        YamlReader.Read("f", new string('[', 5000), problems);
        Should.Throw<ComposeException>(problems.ThrowIfAny);
    }

    [Fact]
    public void A_file_of_ten_megabytes_is_read()
    {
        var yaml = new StringBuilder("x-list:\n");
        while (yaml.Length < 10 << 20) yaml.Append("  - ").Append('a', 120).Append('\n');
        var problems = new Problems();
        var root = (Mapping)YamlReader.Read("f", yaml.ToString(), problems)[0];
        problems.IsEmpty.ShouldBeTrue();
        root["x-list"].ShouldBeOfType<Sequence>().Items.Count.ShouldBeGreaterThan(80_000);
    }

    [Fact]
    public void Any_text_is_read_or_refused() => Prop.ForAll(Gen.Elements("a", ":", " ", "\n", "- ", "  ", "[", "]", "{", "}", "&x ", "*x", "<<: ", "!reset ", "\"", "'", "|", "#", "? ", "---\n", ",").ArrayOf().ToArbitrary(), parts =>
    {
        var problems = new Problems();
        YamlReader.Read("f", string.Concat(parts), problems);
        return true;
    }).QuickCheckThrowOnFailure();

    private static ScalarKind? Kind(Mapping map, string key) => (map[key] as Scalar)?.Kind;

    private static Node Read(string yaml)
    {
        var problems = new Problems();
        var documents = YamlReader.Read("f", yaml, problems);
        problems.ThrowIfAny();
        return documents[0];
    }
}
