using Sampan.Build.Parsing;

namespace Sampan.Build.Tests.Parsing;

public sealed class IgnoreRulesTests
{
    [Theory]
    [InlineData("node_modules", "node_modules/x/y", true)]
    [InlineData("node_modules", "src/node_modules", false)]
    [InlineData("**/node_modules", "src/a/node_modules/b", true)]
    [InlineData("**/node_modules", "node_modules", true)]
    [InlineData("*.md", "a.md", true)]
    [InlineData("*.md", "d/a.md", false)]
    [InlineData("**/*.md", "d/e/a.md", true)]
    [InlineData("a/**", "a/b/c", true)]
    [InlineData("a/**/c", "a/c", true)]
    [InlineData("*/temp*", "x/temporary.txt", true)]
    [InlineData("*/temp*", "x/y/temp", false)]
    [InlineData("temp?", "tempa", true)]
    [InlineData("/abs", "abs", true)]
    [InlineData("./rel/", "rel/x", true)]
    [InlineData("a/../b", "b", true)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[^a-c]x", "bx", false)]
    [InlineData("a\\*b", "a*b", true)]
    [InlineData("a.b", "axb", false)]
    [InlineData("*\n!keep", "keep", false)]
    [InlineData("*\n!keep", "keep/below", false)]
    [InlineData("*\n!keep\nkeep/secret", "keep/secret", true)]
    [InlineData("!keep\n*", "keep", true)]
    [InlineData("*.md\n!README*.md\nREADME-secret.md", "README-secret.md", true)]
    [InlineData("*.md\n!README*.md\nREADME-secret.md", "README.md", false)]
    [InlineData("# comment\n\n  spaced  ", "spaced", true)]
    [InlineData(" # no comment", "x", false)]
    public void A_path_is_left_out_by_Dockers_rules(string file, string path, bool expected) => IgnoreRules.Read(file).Excludes(path).ShouldBe(expected);

    [Fact]
    public void A_directory_is_read_only_if_something_in_it_may_come_back()
    {
        IgnoreRules.Read("out").ExcludesAllBelow("out").ShouldBeTrue();
        IgnoreRules.Read("out\n!out/keep").ExcludesAllBelow("out").ShouldBeFalse();
        IgnoreRules.Read("*\n!src/**/x").ExcludesAllBelow("src").ShouldBeFalse();
        IgnoreRules.Read("*\n!src").ExcludesAllBelow("out").ShouldBeTrue();
    }

    [Theory]
    [InlineData("!")]
    [InlineData("[a")]
    [InlineData("a\\")]
    public void A_malformed_rule_is_refused(string file) => Should.Throw<FormatException>(() => IgnoreRules.Read(file));
}
