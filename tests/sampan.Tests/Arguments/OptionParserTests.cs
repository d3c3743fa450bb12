using FsCheck;
using FsCheck.Fluent;
using Sampan.Cli.Arguments;

namespace Sampan.Cli.Tests.Arguments;

/// <summary>Options come apart by the rules of Go's pflag, which docker uses.</summary>
public sealed class OptionParserTests
{
    private static readonly Option<bool> s_all = Option.Flag("all", 'a', "");
    private static readonly Option<bool> s_both = Option.Flag("both", 'b', "");
    private static readonly Option<bool> s_long = Option.Flag("long-only", null, "");
    private static readonly Option<string> s_text = Option.Text("text", 't', "string", "");
    private static readonly Option<long?> s_number = Option.Number("number", 'n', "");
    private static readonly Option<IReadOnlyList<string>> s_list = Option.List("list", 'l', "list", "");
    private static readonly Option<string> s_refused = Option.Refused("tls", null, "", "", "it has no TLS");

    private static readonly Command s_command = new() { Name = "try", Summary = "", Options = [s_all, s_both, s_long, s_text, s_number, s_list, s_refused], Arguments = "WORD" };

    private static ParsedArguments Parse(params string[] words) => OptionParser.Parse(new CommandPath("sampan try", s_command), words);

    private static ParsedArguments ParseToFirstWord(params string[] words) => OptionParser.Parse(new CommandPath("sampan try", s_command with { OptionsEndAtFirstWord = true }), words);

    [Theory]
    [InlineData("--text x")]
    [InlineData("--text=x")]
    [InlineData("-t x")]
    [InlineData("-tx")]
    [InlineData("-t=x")]
    [InlineData("-atx -b")]
    [InlineData("-ab -t x")]
    [InlineData("--text y --text x")]
    public void A_value_is_given_in_every_form(string line)
    {
        var parsed = Parse(line.Split(' '));
        parsed.Get(s_text).ShouldBe("x");
        parsed.Words.ShouldBeEmpty();
    }

    [Fact]
    public void Letters_of_flags_join_and_the_last_may_take_a_value()
    {
        var parsed = Parse("-abn7", "-bl", "one");
        parsed.Get(s_all).ShouldBeTrue();
        parsed.Get(s_both).ShouldBeTrue();
        parsed.Get(s_number).ShouldBe(7);
        parsed.Get(s_list).ShouldBe(["one"]);
    }

    [Fact]
    public void A_flag_takes_its_value_only_after_an_equals_sign()
    {
        Parse("--all=false").Get(s_all).ShouldBeFalse();
        Parse("-a=false").Get(s_all).ShouldBeFalse();
        var parsed = Parse("--all", "false");
        parsed.Get(s_all).ShouldBeTrue();
        parsed.Words.ShouldBe(["false"]);
        Parse("--all=false").IsSet(s_all).ShouldBeTrue();
        Parse().IsSet(s_all).ShouldBeFalse();
    }

    [Fact]
    public void A_value_may_look_like_an_option()
    {
        Parse("--text", "--all").Get(s_text).ShouldBe("--all");
        Parse("-t", "-a").Get(s_text).ShouldBe("-a");
        Parse("-n", "-7").Get(s_number).ShouldBe(-7);
        Parse("--text=").Get(s_text).ShouldBe("");
        Parse("--text=a=b").Get(s_text).ShouldBe("a=b");
    }

    [Fact]
    public void Options_stand_between_words_unless_the_first_word_ends_them()
    {
        Parse("one", "-a", "two").Words.ShouldBe(["one", "two"]);
        Parse("one", "-a", "two").Get(s_all).ShouldBeTrue();
        ParseToFirstWord("-b", "one", "-a", "--unknown").Words.ShouldBe(["one", "-a", "--unknown"]);
        ParseToFirstWord("-b", "one", "-a").Get(s_all).ShouldBeFalse();
    }

    [Fact]
    public void Two_dashes_end_the_options_and_one_dash_is_a_word()
    {
        var parsed = Parse("-a", "--", "-b", "--", "--text");
        parsed.Words.ShouldBe(["-b", "--", "--text"]);
        parsed.Get(s_both).ShouldBeFalse();
        Parse("-", "-a").Words.ShouldBe(["-"]);
        ParseToFirstWord("--", "one", "--", "-a").Words.ShouldBe(["one", "--", "-a"]);
    }

    [Theory]
    [InlineData("--nosuch", "unknown flag: --nosuch")]
    [InlineData("--nosuch=1", "unknown flag: --nosuch")]
    [InlineData("-z", "unknown shorthand flag: 'z' in -z")]
    [InlineData("-azb", "unknown shorthand flag: 'z' in -zb")]
    [InlineData("--text", "flag needs an argument: --text")]
    [InlineData("-t", "flag needs an argument: 't' in -t")]
    [InlineData("-at", "flag needs an argument: 't' in -t")]
    [InlineData("--=x", "bad flag syntax: --=x")]
    [InlineData("---", "bad flag syntax: ---")]
    [InlineData("--all=perhaps", "invalid argument \"perhaps\" for \"-a, --all\" flag: strconv.ParseBool: parsing \"perhaps\": invalid syntax")]
    [InlineData("--long-only=2", "invalid argument \"2\" for \"--long-only\" flag: strconv.ParseBool: parsing \"2\": invalid syntax")]
    [InlineData("-nx", "invalid argument \"x\" for \"-n, --number\" flag: strconv.ParseInt: parsing \"x\": invalid syntax")]
    [InlineData("--tls", "option --tls is not supported: it has no TLS")]
    public void What_is_wrong_is_named_with_usage_and_code_125(string word, string message)
    {
        var wrong = Should.Throw<UsageException>(() => Parse(word));
        wrong.ExitCode.ShouldBe(125);
        wrong.Message.ShouldBe($"{message}\n\nUsage:  sampan try [OPTIONS] WORD\n\nRun 'sampan try --help' for more information");
    }

    [Theory]
    [InlineData(0, 0, 1, "accepts no arguments")]
    [InlineData(1, 1, 0, "requires 1 argument")]
    [InlineData(2, 2, 1, "requires 2 arguments")]
    [InlineData(1, int.MaxValue, 0, "requires at least 1 argument")]
    [InlineData(0, 1, 2, "requires at most 1 argument")]
    [InlineData(1, 2, 3, "requires at least 1 and at most 2 arguments")]
    public void The_number_of_words_is_checked_with_dockers_texts(int min, int max, int count, string message)
    {
        var path = new CommandPath("sampan try", s_command with { MinWords = min, MaxWords = max });
        var wrong = Should.Throw<UsageException>(() => OptionParser.CheckCount(path, count));
        wrong.ExitCode.ShouldBe(1);
        wrong.Message.ShouldStartWith($"sampan: 'sampan try' {message}\n\nUsage:  sampan try [OPTIONS] WORD\n\n");
    }

    /// <summary>One option or word, in one of the ways to write it, and what it means.</summary>
    private sealed record Piece(string[] Words, string? All = null, string? Text = null, string? Item = null, string? Word = null);

    private static Gen<string> Value() => Gen.Elements("", "x", "two words", "-a", "--text", "--", "=", "a=b", "ä", "0");

    private static Gen<Piece> Pieces() => Gen.OneOf(
        Gen.Elements("true", "false").SelectMany(v => Gen.Elements<string[]>([$"--all={v}"], [$"-a={v}"], v == "true" ? ["--all"] : [$"--all={v}"], v == "true" ? ["-a"] : [$"-ba={v}"]).Select(w => new Piece(w, All: v))),
        Value().SelectMany(v => Gen.Elements<string[]>([$"--text={v}"], ["--text", v], ["-t", v], ["-bt", v], v.Length == 0 ? ["--text="] : [$"-t={v}"], v.Length == 0 || v[0] == '=' ? ["-t", v] : ["-t" + v]).Select(w => new Piece(w, Text: v))),
        Value().SelectMany(v => Gen.Elements<string[]>([$"--list={v}"], ["--list", v], ["-l", v]).Select(w => new Piece(w, Item: v))),
        Gen.Elements("word", "-", "two words", "").Select(w => new Piece([w], Word: w)));

    [Fact]
    public void Whatever_the_form_the_meaning_is_the_same() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(Pieces().ListOf().ToArbitrary(), pieces =>
    {
        var parsed = Parse([.. pieces.SelectMany(p => p.Words)]);

        parsed.Get(s_all).ShouldBe(pieces.LastOrDefault(p => p.All is not null)?.All == "true");
        parsed.Get(s_text).ShouldBe(pieces.LastOrDefault(p => p.Text is not null)?.Text ?? "");
        parsed.Get(s_list).ShouldBe(pieces.Where(p => p.Item is not null).Select(p => p.Item));
        parsed.Words.ShouldBe(pieces.Where(p => p.Word is not null).Select(p => p.Word));
    }));

    [Fact]
    public void No_words_make_it_fail_otherwise_than_by_a_usage_error() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(
        Gen.Elements("-", "--", "---", "a", "=", "-a", "-t", "--text", "--tls", "-n", "\0", "-\uD800", "--number=9999999999999999999").ListOf().Select(l => l.ToArray()).ToArbitrary(), words =>
        {
            try
            {
                Parse(words);
            }
            catch (UsageException wrong)
            {
                wrong.ExitCode.ShouldBe(125);
            }
        }));
}
