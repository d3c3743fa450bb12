using Sampan.Build.Parsing;

namespace Sampan.Build.Tests.Parsing;

public sealed class DockerfileReaderTests
{
    [Fact]
    public void Continuations_join_and_comments_and_empty_lines_between_them_vanish()
    {
        var run = DockerfileReader.Read("FROM a\nRUN one \\\n  # why\n\n  two\\\n\tthree  \n").Instructions[1];
        run.Rest.ShouldBe("one   two\tthree");
        run.Place.ShouldBe(new SourcePlace(2, 1, 6));
    }

    [Theory]
    [InlineData("RUN a \\\\\nRUN b")] // an escaped backslash ends a line like any other character
    [InlineData("RUN a \\ b\nRUN b")]
    public void A_backslash_that_is_escaped_or_not_last_continues_nothing(string text) => DockerfileReader.Read(text).Instructions.Count.ShouldBe(2);

    [Fact]
    public void The_escape_directive_makes_backquotes_continue_and_backslashes_ordinary()
    {
        var text = DockerfileReader.Read("# escape=`\nFROM x\nCOPY a `\n  c:\\\nRUN y");
        text.Escape.ShouldBe('`');
        text.Instructions.Select(i => i.Rest).ShouldBe(["x", "a   c:\\", "y"]);
    }

    [Fact]
    public void Directives_end_at_the_first_line_that_is_none()
    {
        var text = DockerfileReader.Read("#syntax = docker/dockerfile:1\n# check=skip=all\n# about\n# escape=`\nFROM x\\\ny");
        text.Directives.ShouldBe(new Dictionary<string, string> { ["syntax"] = "docker/dockerfile:1", ["check"] = "skip=all" });
        text.Instructions.ShouldHaveSingleItem().Rest.ShouldBe("xy");
    }

    [Fact]
    public void Heredocs_are_read_to_their_names_tabs_chomped_quotes_heeded()
    {
        var text = DockerfileReader.Read("RUN <<A cat <<-'B'\n$x\nA\n\tindented\n\tB\nCOPY <<f /d\nhello $n\nf\nUSER u");
        text.Instructions.Count.ShouldBe(3);
        text.Instructions[0].Heredocs.Select(h => (h.Name, h.Content, h.Expands)).ShouldBe([("A", "$x\n", true), ("B", "indented\n", false)]);
        text.Instructions[1].Heredocs.ShouldHaveSingleItem().Content.ShouldBe("hello $n\n");
        text.Instructions[2].Place.Line.ShouldBe(9);
    }

    [Theory]
    [InlineData("", "file with no instructions", 1)]
    [InlineData("# only a comment", "file with no instructions", 1)]
    [InlineData("FROM a\nRUN <<EOF\nx", "unterminated heredoc 'EOF'", 2)]
    [InlineData("# escape=x\nFROM a", "invalid ESCAPE 'x' does not match ` or \\", 1)]
    [InlineData("# escape=`\n# escape=`\nFROM a", "only one escape parser directive can be used", 2)]
    public void A_malformed_file_is_refused_with_its_line(string text, string reason, int line)
    {
        var refused = Should.Throw<DockerfileException>(() => DockerfileReader.Read(text));
        refused.Reason.ShouldBe(reason);
        refused.Place.Line.ShouldBe(line);
    }

    [Fact]
    public void Large_files_long_lines_and_a_hundred_thousand_arguments_are_refused()
    {
        Should.Throw<DockerfileException>(() => DockerfileReader.Read(new byte[10 << 20])).Reason.ShouldContain("more than the 4194304 allowed");
        Should.Throw<DockerfileException>(() => DockerfileReader.Read("RUN " + new string('x', 70_000))).Reason.ShouldContain("dockerfile line greater than maximum allowed size");
        Should.Throw<DockerfileException>(() => DockerfileReader.Read("FROM a\n" + string.Concat(Enumerable.Range(0, 100_000).Select(i => $"ARG a{i}=1\n")))).Reason.ShouldContain("more than the 10000 instructions");
    }

    [Fact]
    public void Windows_line_ends_and_a_byte_order_mark_are_no_part_of_the_text() =>
        DockerfileReader.Read("\ufeffFROM a\r\nRUN b\\\r\n c\r\n"u8).Instructions.Select(i => i.Rest).ShouldBe(["a", "b c"]);
}
