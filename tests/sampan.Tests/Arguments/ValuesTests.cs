using FsCheck;
using FsCheck.Fluent;
using Sampan.Cli.Arguments;

namespace Sampan.Cli.Tests.Arguments;

public sealed class ValuesTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("512", 512)]
    [InlineData("64b", 64)]
    [InlineData("64k", 65536)]
    [InlineData("64K", 65536)]
    [InlineData("64kb", 65536)]
    [InlineData("64KiB", 65536)]
    [InlineData("64 mb", 67108864)]
    [InlineData("1.5g", 1610612736)]
    [InlineData(".5m", 524288)]
    [InlineData("2t", 2199023255552)]
    [InlineData("1p", 1125899906842624)]
    [InlineData("-1", -1)]
    public void Bytes_have_binary_suffixes(string text, long bytes) => Values.Bytes(text).ShouldBe(bytes);

    [Theory]
    [InlineData("")]
    [InlineData("lots")]
    [InlineData("12x")]
    [InlineData("12kk")]
    [InlineData("1,5g")]
    [InlineData("-5")]
    [InlineData("1e3")]
    [InlineData("99999999999999999999999p")]
    [InlineData("9999999p")]
    [InlineData("0x10")]
    public void What_is_no_size_is_refused(string text) => Should.Throw<FormatException>(() => Values.Bytes(text)).Message.ShouldNotBeEmpty();

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1s", 1_000_000_000)]
    [InlineData("1m30s", 90_000_000_000)]
    [InlineData("1h15m30.918s", 4_530_918_000_000)]
    [InlineData("1.5h", 5_400_000_000_000)]
    [InlineData("100ms", 100_000_000)]
    [InlineData("10us", 10_000)]
    [InlineData("10µs", 10_000)]
    [InlineData("7ns", 7)]
    [InlineData("-2s", -2_000_000_000)]
    [InlineData("+2s", 2_000_000_000)]
    [InlineData(".5s", 500_000_000)]
    [InlineData("1s1s", 2_000_000_000)]
    public void Durations_are_written_as_in_Go(string text, long nanoseconds) => Values.Duration(text).ShouldBe(nanoseconds);

    [Theory]
    [InlineData("", "time: invalid duration \"\"")]
    [InlineData("5", "time: missing unit in duration \"5\"")]
    [InlineData("5x", "time: invalid duration \"5x\"")]
    [InlineData("s", "time: invalid duration \"s\"")]
    [InlineData(".s", "time: invalid duration \".s\"")]
    [InlineData("1 s", "time: invalid duration \"1 s\"")]
    [InlineData("999999999h", "time: invalid duration \"999999999h\"")]
    public void What_is_no_duration_is_refused_as_by_Go(string text, string message) => Should.Throw<FormatException>(() => Values.Duration(text)).Message.ShouldBe(message);

    [Theory]
    [InlineData("1.5", 1_500_000_000)]
    [InlineData("0.000000001", 1)]
    [InlineData("1/2", 500_000_000)]
    [InlineData("2", 2_000_000_000)]
    [InlineData("1e-1", 100_000_000)]
    public void Cpus_are_decimals_or_fractions(string text, long nano) => Values.NanoCpus(text).ShouldBe(nano);

    [Theory]
    [InlineData("")]
    [InlineData("many")]
    [InlineData("1/0")]
    [InlineData("1.0000000001")]
    [InlineData("1e30")]
    [InlineData("1/3")]
    public void What_is_no_number_of_cpus_is_refused(string text) => Should.Throw<FormatException>(() => Values.NanoCpus(text));

    [Theory]
    [InlineData("1", true)]
    [InlineData("t", true)]
    [InlineData("True", true)]
    [InlineData("F", false)]
    [InlineData("0", false)]
    [InlineData("FALSE", false)]
    public void Booleans_are_Gos(string text, bool value) => Values.Boolean(text).ShouldBe(value);

    [Theory]
    [InlineData("yes")]
    [InlineData("tRUE")]
    [InlineData("")]
    public void Other_words_are_no_booleans(string text) => Should.Throw<FormatException>(() => Values.Boolean(text));

    [Theory]
    [InlineData("16", 16)]
    [InlineData("-16", -16)]
    [InlineData("+16", 16)]
    [InlineData("0x10", 16)]
    [InlineData("-0X1f", -31)]
    [InlineData("0b101", 5)]
    [InlineData("0o17", 15)]
    [InlineData("017", 15)]
    [InlineData("0", 0)]
    [InlineData("1_000", 1000)]
    [InlineData("0x_f", 15)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    public void Whole_numbers_are_those_of_Gos_flags(string text, long number) => Values.Integer(text).ShouldBe(number);

    [Theory]
    [InlineData("", "invalid syntax")]
    [InlineData("x", "invalid syntax")]
    [InlineData("1.5", "invalid syntax")]
    [InlineData("08", "invalid syntax")]
    [InlineData("0x", "invalid syntax")]
    [InlineData("1__0", "invalid syntax")]
    [InlineData("_1", "invalid syntax")]
    [InlineData("1_", "invalid syntax")]
    [InlineData("1a", "invalid syntax")]
    [InlineData("99999999999999999999", "value out of range")]
    [InlineData("-99999999999999999999999999999999999999999999999999", "value out of range")]
    public void What_is_no_whole_number_is_refused_in_Gos_words(string text, string what) =>
        Should.Throw<FormatException>(() => Values.Integer(text)).Message.ShouldBe($"strconv.ParseInt: parsing \"{text}\": {what}");

    [Fact]
    public void A_number_that_its_field_cannot_hold_is_refused_and_not_cut() => Should.Throw<FormatException>(() => Values.Integer32("4294967297")).Message.ShouldContain("value out of range");

    [Theory]
    [InlineData("1.2.3.4", true)]
    [InlineData("::1", true)]
    [InlineData("fe80::1", true)]
    [InlineData("1.2.3", false)]
    [InlineData("1", false)]
    [InlineData("010.0.0.1", false)]
    [InlineData("0x7f.0.0.1", false)]
    [InlineData("1.2.3.4.5", false)]
    [InlineData("[::1]", false)]
    [InlineData("", false)]
    public void An_address_is_what_everybody_reads_alike(string text, bool isOne) => Values.IsAddress(text).ShouldBe(isOne);

    [Fact]
    public void Every_text_is_a_value_or_refused_with_a_reason() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll(
        Gen.Elements("0", "1", "9", ".", "-", "+", "e", "k", "m", "g", "b", "s", "h", "ns", " ", "/", "99999999999", "µ", "\0", "ſ").ListOf().Select(string.Concat).ToArbitrary(), text =>
        {
            foreach (Action read in new Action[] { () => Values.Bytes(text), () => Values.Duration(text), () => Values.NanoCpus(text), () => Values.Integer(text), () => Values.Boolean(text) })
            {
                try
                {
                    read();
                }
                catch (FormatException refused)
                {
                    refused.Message.ShouldNotBeEmpty();
                }
            }
        }));

    [Fact]
    public void A_duration_that_is_written_out_reads_back() => Check.One(Config.QuickThrowOnFailure, Prop.ForAll(
        (from h in Gen.Choose(0, 1000) from m in Gen.Choose(0, 59) from s in Gen.Choose(0, 59) from ms in Gen.Choose(0, 999) select (h, m, s, ms)).ToArbitrary(), t =>
            Values.Duration($"{t.h}h{t.m}m{t.s}s{t.ms}ms").ShouldBe((((((t.h * 60L) + t.m) * 60) + t.s) * 1000 + t.ms) * 1_000_000)));
}
