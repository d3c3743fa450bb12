using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Sampan.Build.Parsing;

namespace Sampan.Build.Tests.Parsing;

/// <summary>Whatever the bytes: instructions, or an error with a place in the file. Nothing else.</summary>
public sealed class ParserProperties
{
    private static readonly string[] s_pieces =
    [
        "FROM ", "RUN ", "COPY ", "ADD ", "ENV ", "ARG ", "ONBUILD ", "HEALTHCHECK ", "LABEL ", "\n", "\\\n", "\\", "`", "# escape=`\n", "# ", " ", "\t", "<<EOF", "EOF\n", "<<-'x y'",
        "--from=", "--mount=type=", "--", "=", "\"", "'", "$", "${", "}", ":-", "#", "%", "/", "//", "[", "]", "[\"a\"]", ",", "a", "é", "\0", "\r\n", "*", "?",
    ];

    [Fact]
    public void Any_text_is_understood_or_refused_with_a_place() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(Texts(), text => Holds(Encoding.UTF8.GetBytes(text))));

    [Fact]
    public void Any_bytes_are_understood_or_refused_with_a_place() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll<byte[]>(Holds));

    [Fact]
    public void Any_word_expands_or_is_refused() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(Texts(), text =>
    {
        try
        {
            _ = Expansion.Word(text, '\\', name => name.Length > 1 ? null : name, new SourcePlace(1, 1, 1));
        }
        catch (DockerfileException)
        {
        }
    }));

    [Fact]
    public void A_quoted_word_expands_to_itself() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Texts(), text =>
    {
        var plain = text.Replace("'", "", StringComparison.Ordinal);
        return Expansion.Word($"'{plain}'", '\\', _ => "no", new SourcePlace(1, 1, 1)) == plain;
    }));

    [Fact]
    public void A_path_is_excluded_by_a_rule_of_its_own_and_let_in_again_by_the_next() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Paths(), path =>
        new IgnoreRules([path]).Excludes(path) && !new IgnoreRules([path, "!" + path]).Excludes(path) && new IgnoreRules([path]).Excludes(path + "/below")));

    private static void Holds(byte[] bytes)
    {
        try
        {
            var text = DockerfileReader.Read(bytes);
            var parser = new InstructionParser(text.Escape);
            foreach (var raw in text.Instructions)
                parser.Parse(raw).Place.Line.ShouldBeInRange(1, text.Lines.Count);
        }
        catch (DockerfileException refused)
        {
            refused.Place.Line.ShouldBeGreaterThan(0);
        }
    }

    private static Arbitrary<string> Texts() => Gen.Elements(s_pieces).ListOf().Select(pieces => string.Concat(pieces)).ToArbitrary();

    private static Arbitrary<string> Paths() => Gen.Elements("a", "b.c", "d-e", "f g", "(h)", "+").NonEmptyListOf().Select(names => string.Join('/', names)).ToArbitrary();
}
