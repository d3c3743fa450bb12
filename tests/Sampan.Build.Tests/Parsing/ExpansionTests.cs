using Sampan.Build.Parsing;

namespace Sampan.Build.Tests.Parsing;

public sealed class ExpansionTests
{
    private static readonly Dictionary<string, string> s_variables = new() { ["a"] = "1", ["e"] = "", ["p"] = "foo/bar/baz.tar.gz", ["star"] = "a*b" };

    [Theory]
    [InlineData("$a", "1")]
    [InlineData("${a}b", "1b")]
    [InlineData("x$none-y", "x-y")]
    [InlineData("\\$a", "$a")]
    [InlineData("'$a'", "$a")]
    [InlineData("\"$a '$a'\"", "1 '1'")]
    [InlineData("\"\\\"\\$a\\n\"", "\"$a\\n")]
    [InlineData("$", "$")]
    [InlineData("a$ b", "a$ b")]
    [InlineData("${a:-x}", "1")]
    [InlineData("${e:-x}", "x")]
    [InlineData("${e-x}", "")]
    [InlineData("${none-x}", "x")]
    [InlineData("${a:+x}", "x")]
    [InlineData("${e:+x}", "")]
    [InlineData("${e+x}", "x")]
    [InlineData("${none:-${a}${none:-deep}}", "1deep")]
    [InlineData("${none:-'a }'}", "a }")]
    [InlineData("${p#*/}", "bar/baz.tar.gz")]
    [InlineData("${p##*/}", "baz.tar.gz")]
    [InlineData("${p%.*}", "foo/bar/baz.tar")]
    [InlineData("${p%%.*}", "foo/bar/baz")]
    [InlineData("${p#x}", "foo/bar/baz.tar.gz")]
    [InlineData("${p/ba?/X}", "foo/X/baz.tar.gz")]
    [InlineData("${p//ba?/X}", "foo/X/X.tar.gz")]
    [InlineData("${p//a*z/}", "foo/b")]
    [InlineData("${star/\\*/+}", "a+b")]
    public void A_word_is_expanded_as_the_reference_has_it(string word, string expected) => Expand(word).ShouldBe(expected);

    [Theory]
    [InlineData("${a", "missing '}'")]
    [InlineData("${}", "bad substitution")]
    [InlineData("${a^}", "unsupported modifier (^)")]
    [InlineData("${a:=x}", "unsupported modifier (=)")]
    [InlineData("${e:?must be}", "e: must be")]
    [InlineData("${none?}", "none: is not allowed to be unset")]
    [InlineData("'x", "single-quote")]
    [InlineData("\"x", "double-quote")]
    [InlineData("${a:-x", "looking for matching }")]
    public void A_malformed_word_is_refused(string word, string reason) => Should.Throw<DockerfileException>(() => Expand(word)).Reason.ShouldContain(reason);

    [Fact]
    public void Nesting_and_growth_are_bounded()
    {
        Should.Throw<DockerfileException>(() => Expand(string.Concat(Enumerable.Repeat("${none:-", 5000)))).Reason.ShouldContain("nested");
        var large = new string('x', 60_000);
        Should.Throw<DockerfileException>(() => Expansion.Word(string.Concat(Enumerable.Repeat("$l", 30_000)), '\\', _ => large, default)).Reason.ShouldContain("longer than");
    }

    [Fact]
    public void A_pattern_made_of_stars_takes_no_time_to_speak_of() =>
        Expansion.Word("${l##" + string.Concat(Enumerable.Repeat("*a", 50)) + "b}", '\\', _ => new string('a', 5000), default).Length.ShouldBe(5000);

    [Fact]
    public void A_document_keeps_its_quotes() => Expansion.Document("it's \"$a\" \\$a \\n", '\\', Value, default).ShouldBe("it's \"1\" $a \\n");

    private static string Expand(string word) => Expansion.Word(word, '\\', Value, new SourcePlace(1, 1, 1));

    private static string? Value(string name) => s_variables.GetValueOrDefault(name);
}
