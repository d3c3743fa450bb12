using Sampan.Compose.Documents;
using Sampan.Compose.Interpolation;
using Sampan.Compose.Loading;
using Sampan.Compose.Output;

namespace Sampan.Compose.Tests.Output;

/// <summary>What <c>config</c> prints when less than all is wanted.</summary>
public sealed class ConfigPartsTests
{
    private static readonly LoadRequest s_request = new() { Files = ["/app/compose.yaml"], Directory = "/app" };

    [Fact]
    public void Variables_are_listed_with_what_is_said_of_them()
    {
        const string Yaml = """
            services:
              a:
                image: "${NAME:-web}:${TAG-latest}"
                user: "${USER:?who?}"
                environment: {A: "$PLAIN $$NOT ${SET:+yes} ${OUTER:-${INNER}}", B: "100$"}
                env_file: ./${WHERE}/vars.env
            """;
        var project = Load(Yaml, s_request with { Interpolate = false, ResolveEnvironment = false, CheckReferences = false });
        ConfigText.Variables(project).ShouldBe([
            new TemplateVariable("INNER", false, "", ""), new TemplateVariable("NAME", false, "web", ""), new TemplateVariable("OUTER", false, "${INNER}", ""), new TemplateVariable("PLAIN", false, "", ""),
            new TemplateVariable("SET", false, "", "yes"), new TemplateVariable("TAG", false, "latest", ""), new TemplateVariable("USER", true, "", ""), new TemplateVariable("WHERE", false, "", ""),
        ]);
    }

    [Theory]
    [InlineData("$")]
    [InlineData("$$")]
    [InlineData("${")]
    [InlineData("${}")]
    [InlineData("${1}")]
    [InlineData("$1")]
    [InlineData("a$")]
    [InlineData("$-{A}")]
    public void What_is_no_variable_is_none(string text) => Template.Variables(text).ShouldBeEmpty();

    [Fact]
    public void Paths_env_files_and_what_is_unsaid_are_left_as_they_stand()
    {
        const string Yaml = "services: {a: {image: x, env_file: ./vars.env, volumes: [\"./here:/there\"], depends_on: [gone]}}";
        string text = YamlText.Write(ConfigText.Tree(Load(Yaml, s_request with { ResolvePaths = false, ResolveEnvironment = false, Normalize = false, CheckReferences = false })));
        text.ShouldContain("path: ./vars.env");
        text.ShouldContain("source: ./here");
        text.ShouldNotContain("networks");
        text.ShouldNotContain("/app");
        Should.Throw<ComposeException>(() => Load(Yaml, s_request with { Normalize = false })).Message.ShouldContain("undefined service 'gone'");
        YamlText.Write(ConfigText.Tree(Load(Yaml, s_request with { ResolvePaths = false, CheckReferences = false }))).ShouldContain("FROM: file");
    }

    [Fact]
    public void Images_alone_make_a_file_that_goes_on_top_of_others() =>
        YamlText.Write(ConfigText.OnlyImages(ConfigText.WithImages(ConfigText.Tree(Load("services: {a: {image: x}, b: {image: y, tty: true}, c: {build: .}}", s_request)), new Dictionary<string, string>(StringComparer.Ordinal) { ["x"] = "x@sha256:1" })))
            .ShouldBe("services:\n  a:\n    image: x@sha256:1\n  b:\n    image: \"y\"\n  c: {}\n");

    private static Model.Project Load(string yaml, LoadRequest request) => new Files { ["/app/compose.yaml"] = yaml, ["/app/vars.env"] = "FROM=file\n" }.Load(request);
}
