using Sampan.Build.Parsing;

namespace Sampan.Build.Tests.Parsing;

public sealed class InstructionParserTests
{
    [Fact]
    public void FROM_takes_a_platform_and_a_name()
    {
        var from = Parse<Instruction.From>("from --platform=$BUILDPLATFORM busybox:1 aS Build");
        (from.Image, from.Name, from.Platform).ShouldBe(("busybox:1", "build", "$BUILDPLATFORM"));
    }

    [Fact]
    public void Commands_are_words_in_JSON_and_else_a_line_for_the_shell()
    {
        Parse<Instruction.Cmd>("""CMD ["a", "b c"]""").Command.Words.ShouldBe(["a", "b c"]);
        Parse<Instruction.Cmd>("CMD [ \"$A\" = x ]").Command.With(null).ShouldBe(["/bin/sh", "-c", "[ \"$A\" = x ]"]);
        Parse<Instruction.Cmd>("CMD ['a']").Command.IsShell.ShouldBeTrue();
        Parse<Instruction.Entrypoint>("ENTRYPOINT []").Command.Words.ShouldBeEmpty();
    }

    [Fact]
    public void ENV_takes_pairs_and_the_old_form()
    {
        Parse<Instruction.Env>("""ENV a=1 b="x y" c=\ d""").Pairs.ShouldBe([new("a", "1"), new("b", "\"x y\""), new("c", "\\ d")]);
        Parse<Instruction.Env>("ENV a  one two = three").Pairs.ShouldBe([new("a", "one two = three")]);
    }

    [Fact]
    public void COPY_takes_its_flags_documents_and_paths()
    {
        var copy = Parse<Instruction.Copy>("COPY --from=build --chown=1:2 --chmod=u=rwX,go=rX --link --parents --exclude=*.o --exclude=x ./a ./b /c/");
        copy.Sources.ShouldBe(["./a", "./b"]);
        (copy.Destination, copy.Origin, copy.Chown, copy.Chmod, copy.Link, copy.Parents).ShouldBe(("/c/", "build", "1:2", "u=rwX,go=rX", true, true));
        copy.Excludes.ShouldBe(["*.o", "x"]);
        Parse<Instruction.Copy>("""COPY ["a b", "/c d"]""").Sources.ShouldBe(["a b"]);
        var document = Parse<Instruction.Copy>("COPY <<x.txt y /d/\nhi\nx.txt");
        document.Sources.ShouldBe(["y"]);
        document.Documents.ShouldHaveSingleItem().Content.ShouldBe("hi\n");
    }

    [Fact]
    public void RUN_takes_mounts_network_and_security()
    {
        var run = Parse<Instruction.Run>("RUN --mount=type=cache,target=/c --mount=type=secret,id=s --network=none --security=sandbox make --all");
        run.Mounts.ShouldBe(["type=cache,target=/c", "type=secret,id=s"]);
        (run.Network, run.Security, run.Command.Words[0]).ShouldBe(("none", "sandbox", "make --all"));
    }

    [Theory]
    [InlineData("RUNN x", "unknown instruction: RUNN (did you mean RUN?)")]
    [InlineData("XYZZY x", "unknown instruction: XYZZY")]
    [InlineData("FROM", "FROM requires either one or three arguments")]
    [InlineData("FROM a b c", "second argument to FROM should be AS, got \"b\"")]
    [InlineData("FROM a AS 1x", "invalid name for build stage: \"1x\", name can't start with a number or contain symbols")]
    [InlineData("COPY a", "COPY requires at least two arguments, but only one was provided. Destination could not be determined.")]
    [InlineData("COPY --checksum=x a b", "unknown flag: --checksum")]
    [InlineData("ADD --from=x a b", "unknown flag: --from")]
    [InlineData("COPY --from=a --from=b c d", "duplicate flag specified: --from")]
    [InlineData("COPY --chown= c d", "missing a value on flag: chown")]
    [InlineData("COPY --link=maybe c d", "expecting boolean value for flag link, not: maybe")]
    [InlineData("ENV a", "ENV must have two arguments")]
    [InlineData("ENV a=1 b", "Syntax error - can't find = in \"b\". Must be of the form: name=value")]
    [InlineData("ENV =1", "ENV names can not be blank")]
    [InlineData("ARG", "ARG requires at least one argument")]
    [InlineData("RUN", "RUN requires at least one argument")]
    [InlineData("USER a b", "USER requires exactly one argument")]
    [InlineData("WORKDIR", "WORKDIR requires exactly one argument")]
    [InlineData("SHELL sh -c", "SHELL requires the arguments to be in JSON form")]
    [InlineData("CMD [1]", "when using JSON array syntax, arrays must be comprised of strings only")]
    [InlineData("ONBUILD ONBUILD RUN x", "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")]
    [InlineData("ONBUILD FROM x", "FROM isn't allowed as an ONBUILD trigger")]
    [InlineData("ONBUILD RUNN x", "unknown instruction: RUNN (did you mean RUN?)")]
    [InlineData("VOLUME [\"\"]", "VOLUME specified can not be an empty string")]
    public void What_has_not_its_form_is_refused_in_Dockers_words(string text, string reason) =>
        Should.Throw<DockerfileException>(() => Parse<Instruction>(text)).Reason.ShouldBe(reason);

    private static T Parse<T>(string text)
        where T : Instruction
    {
        var read = DockerfileReader.Read(text);
        return new InstructionParser(read.Escape).Parse(read.Instructions[0]).ShouldBeAssignableTo<T>()!;
    }
}
