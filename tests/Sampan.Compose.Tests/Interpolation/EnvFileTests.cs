using FsCheck;
using FsCheck.Fluent;
using Sampan.Compose.Interpolation;

namespace Sampan.Compose.Tests.Interpolation;

public sealed class EnvFileTests
{
    [Theory]
    [InlineData("A=b", "A=b")]
    [InlineData("export A=b", "A=b")]
    [InlineData("A: b", "A=b")]
    [InlineData("A = b # remark", "A=b")]
    [InlineData("A=b#c", "A=b#c")]
    [InlineData("A=", "A=")]
    [InlineData("A= # nothing", "A=")]
    [InlineData("# remark\n\n  A=b\r\nB=c\r\n", "A=b|B=c")]
    [InlineData("A='b $OUT \\n c' # remark", "A=b $OUT \\n c")]
    [InlineData("A=\"b\\tc \\\"$OUT\\\"\"", "A=b\tc \"outer\"")]
    [InlineData("A=\"\\$OUT\"", "A=$OUT")]
    [InlineData("A=\"b\nc\"\nB=d", "A=b\nc|B=d")]
    [InlineData("A=b\nB=${A}c", "A=b|B=bc")]
    [InlineData("OUT=mine\nB=$OUT", "OUT=mine|B=outer")]
    [InlineData("B=${X:-y z}", "B=y z")]
    [InlineData("OUT\nGONE", "OUT=outer")]
    [InlineData("\uFEFFA=b", "A=b")]
    [InlineData("A=b=c", "A=b=c")]
    public void A_file_gives_its_variables(string text, string expected)
    {
        var problems = new List<string>();
        var values = EnvFile.Parse(text, Outer, (line, what) => problems.Add($"{line}: {what}"));
        problems.ShouldBeEmpty();
        string.Join('|', values.Select(p => $"{p.Key}={p.Value}")).ShouldBe(expected);
    }

    [Theory]
    [InlineData("A=b\n=c\nD=e", "2: unexpected '=c': expected NAME=value")]
    [InlineData("A B=c", "1: A: unexpected 'B=c': expected '=' behind the name")]
    [InlineData("\nA=\"b", "2: A: the quote \" is not closed")]
    [InlineData("A='b' c", "1: A: unexpected 'c' behind the closing quote")]
    [InlineData("1A=b", "1: unexpected '1A': expected NAME=value")]
    [InlineData("A=${B:?say it}", "1: A: required variable 'B' is missing a value: say it")]
    public void What_is_wrong_is_told_with_its_line(string text, string expected)
    {
        var problems = new List<string>();
        EnvFile.Parse(text, Outer, (line, what) => problems.Add($"{line}: {what}"));
        problems.ShouldBe([expected]);
    }

    [Fact]
    public void The_raw_format_takes_values_as_they_stand()
    {
        var values = EnvFile.ParseRaw("# remark\nA=\"b\" # $OUT\nOUT\nGONE\n", Outer, static (_, what) => throw new InvalidOperationException(what));
        values.Select(p => $"{p.Key}={p.Value}").ShouldBe(["A=\"b\" # $OUT", "OUT=outer"]);
    }

    [Fact]
    public void Any_text_is_read_to_its_end() => Prop.ForAll(Gen.Elements('A', 'B', '=', ':', '"', '\'', '\\', '$', '{', '}', '#', ' ', '\n', '\r').ArrayOf().ToArbitrary(), chars =>
    {
        var values = EnvFile.Parse(new string(chars), Outer, static (_, _) => { });
        return values.Count <= chars.Length;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_quoted_comes_out_as_it_was() => Prop.ForAll<NonNull<string>>(text =>
    {
        string value = text.Get.Replace("'", "", StringComparison.Ordinal);
        return EnvFile.Parse($"A='{value}'", Outer, static (_, what) => throw new InvalidOperationException(what)).Single().Value == value;
    }).QuickCheckThrowOnFailure();

    private static string? Outer(string name) => name == "OUT" ? "outer" : null;
}
