using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Sampan.Cli.Commands;
using Sampan.Cli.Output;

namespace Sampan.Cli.Tests.Output;

public sealed class HumanTests
{
    [Theory]
    [InlineData(0, "0B", "0B", "0B")]
    [InlineData(999, "999B", "999B", "999B")]
    [InlineData(1000, "1kB", "1kB", "1000B")]
    [InlineData(1024, "1.02kB", "1.024kB", "1KiB")]
    [InlineData(4_261_550, "4.26MB", "4.262MB", "4.064MiB")]
    [InlineData(123_456_789_012, "123GB", "123.5GB", "115GiB")]
    [InlineData(999_999, "1e+03kB", "1000kB", "976.6KiB")]
    public void Sizes_are_dockers(long bytes, string shorter, string longer, string binary)
    {
        HumanSize.Short(bytes).ShouldBe(shorter);
        HumanSize.Decimal(bytes).ShouldBe(longer);
        HumanSize.Binary(bytes).ShouldBe(binary);
    }

    [Theory]
    [InlineData("0123456789", 10, "0123456789")]
    [InlineData("0123456789a", 10, "012345678…")]
    [InlineData("漢字漢字", 8, "漢字漢字")]
    [InlineData("漢字漢字", 7, "漢字漢…")]
    [InlineData("漢字漢字", 6, "漢字…")]
    [InlineData("🚀🚀🚀", 4, "🚀…")]
    public void Texts_are_cut_by_what_they_take_on_the_screen(string text, int width, string cut) => Texts.Cut(text, width).ShouldBe(cut);

    [Theory]
    [InlineData("sh -c 'a'", "\"sh -c 'a'\"")]
    [InlineData("a\"b\\c\n\t\r", "\"a\\\"b\\\\c\\n\\t\\r\"")]
    [InlineData("\u001b[2J\u0007\u0000", "\"\\x1b[2J\\a\\x00\"")]
    [InlineData("äé漢🚀", "\"äé漢🚀\"")]
    [InlineData("\u200b\u00a0\ue000", "\"\\u200b\\u00a0\\ue000\"")]
    public void What_a_command_says_cannot_move_the_cursor(string text, string quoted) => Texts.Quote(text).ShouldBe(quoted);

    [Theory]
    [InlineData(0, "Less than a second")]
    [InlineData(1, "1 second")]
    [InlineData(59, "59 seconds")]
    [InlineData(60, "About a minute")]
    [InlineData(119, "About a minute")]
    [InlineData(120, "2 minutes")]
    [InlineData(3599, "59 minutes")]
    [InlineData(3600, "About an hour")]
    [InlineData(5399, "About an hour")]
    [InlineData(5400, "2 hours")]
    [InlineData(47 * 3600, "47 hours")]
    [InlineData(48 * 3600, "2 days")]
    [InlineData(13 * 86400, "13 days")]
    [InlineData(14 * 86400, "2 weeks")]
    [InlineData(60 * 86400, "2 months")]
    [InlineData(730 * 86400, "2 years")]
    public void Lengths_of_time_are_worded_as_dockers(int seconds, string words) => HumanTime.Length(TimeSpan.FromSeconds(seconds)).ShouldBe(words);

    [Theory]
    [InlineData(null, null)]
    [InlineData("10m", "1772600167")]
    [InlineData("1.5h", "1772595367")]
    [InlineData("1772600000", "1772600000")]
    [InlineData("1772600000.000000001", "1772600000.000000001")]
    [InlineData("0", "0")]
    [InlineData("2026-03-04", "1772578800")]
    [InlineData("2026-03-04T05", "1772596800")]
    [InlineData("2026-03-04T05:06:07", "1772597167")]
    [InlineData("2026-03-04T05:06:07Z", "1772600767")]
    [InlineData("2026-03-04T05:06:07.5+02:00", "1772593567.5")]
    public void Since_and_until_are_moments_or_lengths(string? text, string? seconds)
    {
        // An hour east of Greenwich: what names no zone is local.
        string? read = Instant.Read(text, "since", new FixedTime(FixedTime.Noon.GetUtcNow(), TimeSpan.FromHours(1)));
        if (seconds is null) read.ShouldBeNull();
        else decimal.Parse(read.ShouldNotBeNull(), System.Globalization.CultureInfo.InvariantCulture).ShouldBe(decimal.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("2026-13-01")]
    [InlineData("")]
    public void What_is_no_moment_is_refused(string text) => Should.Throw<CommandException>(() => Instant.Read(text, "since", FixedTime.Noon)).Message.ShouldBe($"invalid value for \"since\": failed to parse value as time or duration: \"{text}\"");

    [Fact]
    public void JSON_laid_out_over_lines_is_the_same_JSON() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Json(3).ToArbitrary(), json =>
    {
        var laidOut = new StringBuilder();
        JsonIndent.Append(laidOut, json, 0);
        using var before = JsonDocument.Parse(json);
        using var after = JsonDocument.Parse(laidOut.ToString());
        JsonElement.DeepEquals(before.RootElement, after.RootElement).ShouldBeTrue($"{json}\n{laidOut}");
        laidOut.ToString().Split('\n').ShouldAllBe(line => line.TrimEnd() == line && line.Length - line.TrimStart(' ').Length == line.TakeWhile(c => c == ' ').Count() && line.TakeWhile(c => c == ' ').Count() % 4 == 0);
    }));

    private static Gen<string> Json(int depth)
    {
        var leaf = Gen.Elements("1", "-2.50", "1e3", "true", "null", "\"\"", "\"a \\\" { } [ ] , : \\\\\"", "\"ä\\n\"", "{}", "[]", "{ }", "[ ]");
        return depth == 0 ? leaf : Gen.OneOf(
            leaf,
            Json(depth - 1).ListOf().Select(items => $"[{string.Join(" , ", items.Take(4))}]"),
            Json(depth - 1).ListOf().Select(items => $"{{{string.Join(",", items.Take(4).Select((item, i) => $"\"k{i}\" : {item}"))}}}"));
    }

    [Theory]
    [InlineData("sha256:0123456789abcdef", "0123456789ab")]
    [InlineData("0123456789abcdef", "0123456789ab")]
    [InlineData("0123", "0123")]
    [InlineData("", "")]
    public void Ids_are_shortened_to_twelve_digits(string id, string shorter) => Texts.ShortId(id).ShouldBe(shorter);

    [Fact]
    public void What_others_wrote_moves_no_cursor() => Texts.Plain("/srv\u001b[1A\u009b2K\r\n - ä").ShouldBe("/srv?[1A?2K?? - ä");
}
