using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Sampan.Compose.Documents;
using Sampan.Compose.Model;
using Sampan.Compose.Output;
using Sampan.Compose.Running;

namespace Sampan.Compose.Tests.Output;

public sealed class ConfigTests
{
    private static Project Voting => Files.Load(Golden.Read("voting.yaml"), ("FROM_OUTSIDE", "here"), ("TOKEN", "secret"));

    [Fact]
    public void The_voting_application_in_its_canonical_form() => Golden.Check("voting.canonical.yaml", YamlText.Write(ConfigText.Tree(Voting)));

    [Fact]
    public void The_voting_application_as_json()
    {
        string json = JsonText.Write(ConfigText.Tree(Voting));
        using var document = JsonDocument.Parse(json);
        document.RootElement.GetProperty("services").GetProperty("result").GetProperty("mem_limit").GetString().ShouldBe("52428800");
        Golden.Check("voting.canonical.json", json);
    }

    [Fact]
    public void The_canonical_form_read_again_is_the_canonical_form()
    {
        string once = YamlText.Write(ConfigText.Tree(Voting));
        YamlText.Write(ConfigText.Tree(Files.Load(once, ("TOKEN", "secret")))).ShouldBe(once);
    }

    [Fact]
    public void The_canonical_form_makes_the_same_containers()
    {
        var one = Voting;
        var other = Files.Load(YamlText.Write(ConfigText.Tree(one)), ("TOKEN", "secret"));
        other.Services.Values.Select(ServiceHash.Of).ShouldBe(one.Services.Values.Select(ServiceHash.Of));
    }

    [Theory]
    [InlineData("image: x, scale: 3", true)]
    [InlineData("image: x, profiles: []", true)]
    [InlineData("image: x, build: .", true)]
    [InlineData("image: x, depends_on: [b]", true)]
    [InlineData("image: x, deploy: {replicas: 2}", false)]
    [InlineData("image: y", false)]
    [InlineData("image: x, environment: {A: b}", false)]
    [InlineData("image: x, mem_limit: 1g", false)]
    public void The_hash_changes_with_what_makes_another_container(string changed, bool isSame)
    {
        string before = ServiceHash.Of(Files.Load("services: {a: {image: x}, b: {image: x}}").Services["a"]);
        string after = ServiceHash.Of(Files.Load($"services: {{a: {{{changed}}}, b: {{image: x}}}}").Services["a"]);
        (before == after).ShouldBe(isSame);
    }

    [Fact]
    public void Any_text_is_read_again_as_it_was_written() => Prop.ForAll<NonNull<string>>(text =>
    {
        // A surrogate alone is no character.
        if (text.Get.Any(char.IsSurrogate)) return true;
        string yaml = YamlText.Write(new Mapping(Position.None, [new Member("k", Position.None, Scalar.Of(text.Get)), new Member("l", Position.None, new Sequence(Position.None, [Scalar.Of(text.Get)]))]));
        var problems = new Problems();
        var read = (Mapping)YamlReader.Read("f", yaml, problems)[0];
        return problems.IsEmpty && read["k"] is Scalar { Kind: ScalarKind.Text } k && k.Text == text.Get && read["l"] is Sequence { Items: [Scalar { Kind: ScalarKind.Text } l] } && l.Text == text.Get;
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("yes")]
    [InlineData("1.5")]
    [InlineData("0x1f")]
    [InlineData("22:22")]
    [InlineData("2001-01-01")]
    [InlineData("a: b")]
    [InlineData("a #b")]
    [InlineData("- a")]
    [InlineData("line\nline\n")]
    [InlineData("line\n\nline")]
    [InlineData("line\n\n")]
    [InlineData(" line\nline")]
    [InlineData("'quoted'")]
    [InlineData("tab\there")]
    [InlineData("*alias")]
    [InlineData("")]
    [InlineData("~")]
    [InlineData("back\\slash\u0007")]
    [InlineData("a:")]
    [InlineData("\n")]
    [InlineData("# no remark")]
    [InlineData("line \nline")]
    public void Difficult_texts_are_read_again_as_they_were_written(string text)
    {
        string yaml = YamlText.Write(new Mapping(Position.None, [new Member("k", Position.None, new Mapping(Position.None, [new Member(text, Position.None, Scalar.Of(text))]))]));
        var problems = new Problems();
        var member = ((Mapping?)((Mapping)YamlReader.Read("f", yaml, problems)[0])["k"])?.Members[0];
        problems.ThrowIfAny();
        member?.Key.ShouldBe(text);
        member?.Value.ShouldBeOfType<Scalar>().Text.ShouldBe(text);
    }

    [Fact]
    public void Variables_can_be_left_as_they_stand()
    {
        var files = new Files { ["/app/compose.yaml"] = "services: {a: {image: \"x:${TAG:?no}\", ports: [\"${P}:80\", \"81\"], mem_limit: $M, build: \"${D}\", volumes: [\"${V:-./x}:/d\"]}}" };
        var project = files.Load(new Sampan.Compose.Loading.LoadRequest { Files = ["/app/compose.yaml"], Directory = "/app", Interpolate = false });
        string yaml = YamlText.Write(ConfigText.Tree(project, escapeDollars: false));
        yaml.ShouldContain("image: x:${TAG:?no}");
        yaml.ShouldContain("- ${P}:80");
        yaml.ShouldContain("mem_limit: $M");
        yaml.ShouldContain("build: ${D}");
        yaml.ShouldContain("- ${V:-./x}:/d");
    }
}
