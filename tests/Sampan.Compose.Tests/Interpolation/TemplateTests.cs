using FsCheck;
using FsCheck.Fluent;
using Sampan.Compose.Interpolation;

namespace Sampan.Compose.Tests.Interpolation;

public sealed class TemplateTests
{
    private static readonly Dictionary<string, string> s_variables = new(StringComparer.Ordinal) { ["SET"] = "value", ["EMPTY"] = "", ["OTHER"] = "other" };

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("$SET", "value")]
    [InlineData("${SET}", "value")]
    [InlineData("a${SET}b$SET-c", "avaluebvalue-c")]
    [InlineData("$UNSET", "")]
    [InlineData("${UNSET:-default}", "default")]
    [InlineData("${EMPTY:-default}", "default")]
    [InlineData("${EMPTY-default}", "")]
    [InlineData("${UNSET-default}", "default")]
    [InlineData("${SET:-default}", "value")]
    [InlineData("${SET:+there}", "there")]
    [InlineData("${EMPTY:+there}", "")]
    [InlineData("${EMPTY+there}", "there")]
    [InlineData("${UNSET+there}", "")]
    [InlineData("${SET:?gone}", "value")]
    [InlineData("${EMPTY?gone}", "")]
    [InlineData("${UNSET:-${OTHER}}", "other")]
    [InlineData("${UNSET:-${EMPTY:-${SET}}}!", "value!")]
    [InlineData("${UNSET:-a}b}", "ab}")]
    [InlineData("${UNSET:-http://x:8080/?a=b}", "http://x:8080/?a=b")]
    [InlineData("$$SET", "$SET")]
    [InlineData("$${SET}", "${SET}")]
    [InlineData("cost: 5$ or $ 6", "cost: 5$ or $ 6")]
    [InlineData("$1", "$1")]
    public void Variables_are_replaced(string template, string expected) => Template.Substitute(template, s_variables.GetValueOrDefault).ShouldBe(expected);

    [Theory]
    [InlineData("${UNSET:?name it}", "required variable 'UNSET' is missing a value: name it")]
    [InlineData("${EMPTY:?}", "required variable 'EMPTY' is missing a value")]
    [InlineData("${UNSET?see $OTHER}", "required variable 'UNSET' is missing a value: see other")]
    [InlineData("${SET", "the variable '${SET' has no closing brace; write '$$' for a dollar")]
    [InlineData("${}", "'${}' names no variable; write '$$' for a dollar")]
    [InlineData("${SET/a/b}", "'${SET/a/b}' is no substitution: expected one of :- - :? ? :+ + behind the name")]
    [InlineData("${9}", "'${9}' names no variable; write '$$' for a dollar")]
    public void What_is_wrong_is_told(string template, string expected) => Should.Throw<TemplateException>(() => Template.Substitute(template, s_variables.GetValueOrDefault)).Message.ShouldBe(expected);

    [Fact]
    public void Variables_that_are_not_set_are_told_unless_there_is_a_default()
    {
        var unset = new List<string>();
        Template.Substitute("$A ${B} ${C:-x} ${D:+y} $SET", s_variables.GetValueOrDefault, unset.Add);
        unset.ShouldBe(["A", "B"]);
    }

    [Fact]
    public void Nesting_ends_at_a_limit()
    {
        string deep = string.Concat(Enumerable.Repeat("${U:-", 10_000)) + "x" + new string('}', 10_000);
        Should.Throw<TemplateException>(() => Template.Substitute(deep, static _ => null)).Message.ShouldContain("nested");
    }

    [Fact]
    public void Text_whose_dollars_are_doubled_comes_out_as_it_was() =>
        Prop.ForAll<NonNull<string>>(text => Template.Substitute(text.Get.Replace("$", "$$", StringComparison.Ordinal), static _ => "x") == text.Get).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_text_gives_a_value_or_a_reason() => Prop.ForAll(Gen.Elements('$', '{', '}', ':', '-', '?', '+', 'A', '_', '1', ' ').ArrayOf().ToArbitrary(), chars =>
    {
        try
        {
            return Template.Substitute(new string(chars), static n => n == "A" ? "$A" : null) is not null;
        }
        catch (TemplateException)
        {
            return true;
        }
    }).QuickCheckThrowOnFailure();
}
