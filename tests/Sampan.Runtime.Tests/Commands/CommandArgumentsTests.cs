using Sampan.Runtime.Commands;

namespace Sampan.Runtime.Tests.Commands;

/// <summary>Options and arguments, as Go programs take them.</summary>
public sealed class CommandArgumentsTests
{
    private static readonly Command s_command = new("try", "<id> [word]", "")
    {
        Most = 2,
        Options = [CommandOption.Switch("all", "", "a"), CommandOption.Value("file", "", "f"), CommandOption.List("env", "", "e")],
        Run = static (_, _) => 0,
    };

    private static CommandArguments Parse(params string[] args) => CommandArguments.Parse(s_command, args);

    [Theory]
    [InlineData("--file x id")]
    [InlineData("--file=x id")]
    [InlineData("-file x id")]
    [InlineData("-f x id")]
    [InlineData("-f=x id")]
    [InlineData("id -f x")]
    [InlineData("-f y -f x id")]
    public void A_value_is_taken_in_every_form(string line)
    {
        var parsed = Parse(line.Split(' '));
        parsed.Text("file").ShouldBe("x");
        parsed.Words.ShouldBe(["id"]);
    }

    [Fact]
    public void A_switch_is_on_off_or_not_given()
    {
        Parse("id").Given("all").ShouldBeNull();
        Parse("-a", "id").Has("all").ShouldBeTrue();
        Parse("--all=false", "id").Given("all").ShouldBe(false);
        Parse("id", "--all").Has("all").ShouldBeTrue();
    }

    [Fact]
    public void A_list_keeps_all_and_a_value_may_look_like_an_option()
    {
        var parsed = Parse("-e", "A=1", "--env=B=2", "-e", "--all", "id");
        parsed.Texts("env").ShouldBe(["A=1", "B=2", "--all"]);
        parsed.Has("all").ShouldBeFalse();
    }

    [Fact]
    public void Two_dashes_and_a_lone_dash_are_arguments_and_end_options()
    {
        Parse("--", "--all").Words.ShouldBe(["--all"]);
        Parse("-", "x").Words.ShouldBe(["-", "x"]);
    }

    [Fact]
    public void Where_a_program_follows_its_options_stay_its_own()
    {
        var parsed = CommandArguments.Parse(s_command with { EndsOptionsAtArgument = true, Most = null }, ["-a", "id", "ls", "-f", "--all=no"]);
        parsed.Words.ShouldBe(["id", "ls", "-f", "--all=no"]);
        parsed.Text("file").ShouldBeNull();
    }

    [Fact]
    public void Help_wins_over_everything_else()
    {
        Parse("--help").WantsHelp.ShouldBeTrue();
        Parse("-h", "--no-such").WantsHelp.ShouldBeTrue();
    }

    [Theory]
    [InlineData("--nope id", "flag provided but not defined: -nope")]
    [InlineData("id --file", "flag needs an argument: -file")]
    [InlineData("--all=maybe id", "invalid boolean value \"maybe\" for -all")]
    [InlineData("-a", "sampan-runtime: \"try\" requires a minimum of 1 argument(s)")]
    [InlineData("a b c", "sampan-runtime: \"try\" requires a maximum of 2 argument(s)")]
    public void What_is_wrong_is_told_as_runc_tells_it(string line, string message) =>
        Should.Throw<UsageException>(() => Parse(line.Split(' '))).Message.ShouldBe(message);

    [Fact]
    public void A_number_must_be_one()
    {
        Parse("-f", "-5", "id").Number("file").ShouldBe(-5);
        Parse("id").Number("file").ShouldBeNull();
        Should.Throw<UsageException>(() => Parse("-f", "five", "id").Number("file"));
        Should.Throw<UsageException>(() => Parse("-f", "-1", "id").Count("file"));
        Parse("id").Count("file").ShouldBe(0);
    }

    [Fact]
    public void Global_options_end_at_the_command()
    {
        var parsed = CommandArguments.ParseGlobal(CommandLine.GlobalOptions, ["--root", "/r", "--log-format=json", "exec", "--root", "x"], out var next);
        next.ShouldBe(3);
        parsed.Text("root").ShouldBe("/r");
        parsed.Text("log-format").ShouldBe("json");
    }
}
