using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Sampan.Cli.Templates;

namespace Sampan.Cli.Tests.Templates;

/// <summary>What Go's text/template makes of the same words.</summary>
public sealed class TemplateTests
{
    private const string Data = """
        {"Name": "/web", "Id": "0123456789abcdef", "N": 7, "Big": 12345678901, "F": 1.5, "Yes": true, "No": false, "Null": null, "Empty": "", "None": [], "Nothing": {},
         "List": ["a", "b", "c"], "Map": {"x": 1, "y": {"z": "deep"}}, "Texts": {"k": "v", "other-key": "w"}, "Odd": "a<b>&\"c\"\\"}
        """;

    private static string Fill(string template)
    {
        using var document = JsonDocument.Parse(Data);
        return Template.Parse(template).Fill(document.RootElement);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("no action", "no action")]
    [InlineData("{{.Name}}", "/web")]
    [InlineData("{{ .Name }}", "/web")]
    [InlineData("a{{.N}}b{{.N}}c", "a7b7c")]
    [InlineData("{{.Big}} {{.F}} {{.Yes}} {{.Null}} {{.Empty}}|", "12345678901 1.5 true <no value> |")]
    [InlineData("{{.Map.y.z}}", "deep")]
    [InlineData("{{(.Map).y.z}}", "deep")]
    [InlineData("{{.List}} {{.Map}} {{.None}} {{.Nothing}}", "[a b c] map[x:1 y:map[z:deep]] [] map[]")]
    [InlineData("{{index .List 1}} {{index .Map \"x\"}} {{index .Texts \"other-key\"}} {{index .Map \"y\" \"z\"}}", "b 1 w deep")]
    [InlineData("{{len .List}} {{len .Name}} {{len .Map}}", "3 4 2")]
    [InlineData("{{json .List}} {{json .Odd}} {{json .Null}} {{json .Map}}", """["a","b","c"] "a<b>&\"c\"\\" null {"x":1,"y":{"z":"deep"}}""")]
    [InlineData("{{.Name | upper | printf \"%s!\"}}", "/WEB!")]
    [InlineData("{{printf \"%-6s|%6s|%q|%d|%05d|%.2f|%v|%%\" .Name .Name .Name .N .N .F .List}}", "/web  |  /web|\"/web\"|7|00007|1.50|[a b c]|%")]
    [InlineData("{{printf \"%d\" .Name}} {{printf \"%s\"}} {{printf \"x\" 1}}", "%!d(string=/web) %!s(MISSING) x%!(EXTRA int=1)")]
    [InlineData("{{if .Yes}}y{{else}}n{{end}} {{if .Empty}}y{{else}}n{{end}} {{if .None}}y{{else}}n{{end}} {{if .Null}}y{{end}}", "y n n ")]
    [InlineData("{{if .No}}1{{else if .Yes}}2{{else}}3{{end}}", "2")]
    [InlineData("{{with .Map}}{{.x}}{{$.N}}{{end}}{{with .Empty}}a{{else}}b{{end}}", "17b")]
    [InlineData("{{range .List}}{{.}},{{end}}{{range .None}}x{{else}}none{{end}}", "a,b,c,none")]
    [InlineData("{{range $i, $e := .List}}{{$i}}={{$e}} {{end}}", "0=a 1=b 2=c ")]
    [InlineData("{{range $k, $v := .Texts}}{{$k}}:{{$v}};{{end}}", "k:v;other-key:w;")]
    [InlineData("{{range .List}}{{if eq . \"b\"}}{{continue}}{{end}}{{.}}{{end}} {{range .List}}{{if eq . \"b\"}}{{break}}{{end}}{{.}}{{end}}", "ac a")]
    [InlineData("{{$x := .N}}{{$x}} {{$x = 9}}{{$x}}", "7 9")]
    [InlineData("a {{- .N -}} b", "a7b")]
    [InlineData("a{{/* a comment */}}b {{- /* and one */ -}} c", "abc")]
    [InlineData("{{and .Yes .N}} {{or .Empty .Name}} {{not .Yes}} {{and .No (index .List 9)}}", "7 /web false false")]
    [InlineData("{{eq .N 7}} {{eq .Name \"x\" \"/web\"}} {{ne .N 8}} {{lt .N 8}} {{ge .F 1.5}} {{gt \"b\" \"a\"}}", "true true true true true true")]
    [InlineData("{{join .List \"-\"}} {{split \"a:b\" \":\"}} {{title \"two words\"}} {{lower \"ABC\"}}", "a-b-c [a b] Two Words abc")]
    [InlineData("{{truncate .Id 4}} {{truncate \"ab\" 4}} {{pad \"x\" 1 2}}| {{slice .Id 2 5}}", "0123 ab  x  | 234")]
    [InlineData("{{print 1 2 \"x\" 3}} {{println \"a\" 1}}", "1 2x3 a 1\n")]
    [InlineData("{{\"quoted \\\" \\n \\u00e4\"}} {{`raw \\n`}} {{'a'}} {{0x10}} {{-3}}", "quoted \" \n ä raw \\n 97 16 -3")]
    [InlineData("{{html \"<a>&'\"}} {{urlquery \"a b&c\"}}", "&lt;a&gt;&amp;&#39; a+b%26c")]
    [InlineData("{{\"}}\"}}", "}}")]
    [InlineData("{{range 3}}{{.}}{{end}}", "012")]
    public void A_template_is_filled_as_by_Go(string template, string expected) => Fill(template).ShouldBe(expected);

    [Theory]
    [InlineData("{{.Name", "unclosed action")]
    [InlineData("{{", "unclosed action")]
    [InlineData("{{}}", "missing value for command")]
    [InlineData("{{nosuch .Name}}", "function \"nosuch\" not defined")]
    [InlineData("{{if .Yes}}x", "unexpected EOF")]
    [InlineData("{{end}}", "unexpected {{end}}")]
    [InlineData("{{else}}", "unexpected {{else}}")]
    [InlineData("{{$nosuch}}", "undefined variable \"$nosuch\"")]
    [InlineData("{{\"open}}", "unterminated quoted string")]
    [InlineData("{{(.Name}}", "unclosed left paren")]
    [InlineData("{{break}}", "outside")]
    [InlineData("{{/* never ends", "unclosed comment")]
    [InlineData("{{template \"x\"}}", "not supported")]
    [InlineData("{{1x}}", "bad number syntax: \"1x\"")]
    [InlineData("line\n{{.", "unclosed action")]
    public void What_is_no_template_is_refused(string template, string reason) => Should.Throw<TemplateException>(() => Template.Parse(template)).Message.ShouldContain(reason);

    [Theory]
    [InlineData("{{.NoSuch}}", "map has no entry for key \"NoSuch\"")]
    [InlineData("{{.Name.x}}", "can't evaluate field x in type string")]
    [InlineData("{{.Null.x}}", "nil pointer evaluating interface {}.x")]
    [InlineData("{{index .List 3}}", "index out of range: 3")]
    [InlineData("{{index .List -1}}", "index out of range: -1")]
    [InlineData("{{index .List \"x\"}}", "cannot index")]
    [InlineData("{{upper .N}}", "wrong type for value; expected string; got int")]
    [InlineData("{{upper}}", "wrong number of args for upper: want 1 got 0")]
    [InlineData("{{eq .N .Name}}", "incompatible types for comparison")]
    [InlineData("{{range .Name}}{{end}}", "range can't iterate over /web")]
    [InlineData("{{truncate .Name -1}}", "out of range")]
    [InlineData("{{pad .Name -1 0}}", "out of range")]
    [InlineData("{{slice .Name 2 1}}", "index out of range")]
    public void What_the_data_does_not_have_is_said(string template, string reason) => Should.Throw<TemplateException>(() => Fill(template)).Message.ShouldContain(reason);

    [Fact]
    public void Any_row_of_tokens_is_a_template_or_refused() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(5000), Prop.ForAll(
        Gen.Elements("{{", "}}", "{{-", "-}}", ".", ".Name", ".List", "$", "$x", ":=", "=", ",", "|", "(", ")", "if", "with", "range", "else", "end", "break", "index", "json", "printf", "slice", "pad", "truncate",
            "\"%d %s\"", "\"", "'", "`", "\\", "0", "-1", "99999999999", "nil", "true", " ", "\n", "text", "/*", "*/", "é", "\uD83D").ListOf().Select(string.Concat).ToArbitrary(), text =>
        {
            try
            {
                Fill(text);
            }
            catch (TemplateException refused)
            {
                refused.Message.ShouldNotBeEmpty();
            }
        }));

    [Fact]
    public void Nesting_is_bounded()
    {
        Should.Throw<TemplateException>(() => Fill("{{" + new string('(', 100_000) + "1" + new string(')', 100_000) + "}}")).Message.ShouldContain("nested");
        Should.Throw<TemplateException>(() => Fill(string.Concat(Enumerable.Repeat("{{if 1}}", 100_000)) + string.Concat(Enumerable.Repeat("{{end}}", 100_000)))).Message.ShouldContain("nested");
    }
}
