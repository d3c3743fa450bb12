using Sampan.Build.Execution;
using Sampan.Build.Parsing;
using Sampan.Oci.Images;

namespace Sampan.Build.Tests;

/// <summary>What the history says of instructions that make no files: as dockerd's builder writes it for the same line.</summary>
public sealed class HistoryWordsTests
{
    [Theory]
    [InlineData("ENV A=b C=\"d e\"", "ENV A=b C=d e")]
    [InlineData("LABEL x=y", "LABEL x=y")]
    [InlineData("VOLUME /vol", "VOLUME [/vol]")]
    [InlineData("VOLUME [\"/a\", \"/b\"]", "VOLUME [/a /b]")]
    [InlineData("EXPOSE 80 443/udp", "EXPOSE map[443/udp:{} 80/tcp:{}]")]
    [InlineData("USER 12:34", "USER 12:34")]
    [InlineData("STOPSIGNAL SIGINT", "STOPSIGNAL SIGINT")]
    [InlineData("SHELL [\"/bin/sh\", \"-ec\"]", "SHELL [/bin/sh -ec]")]
    [InlineData("ENTRYPOINT [\"cat\"]", "ENTRYPOINT [\"cat\"]")]
    [InlineData("CMD cat /c/a.txt", "CMD [\"/bin/sh\" \"-c\" \"cat /c/a.txt\"]")]
    [InlineData("MAINTAINER me", "MAINTAINER me")]
    [InlineData("HEALTHCHECK --interval=5s --retries=2 CMD true", "HEALTHCHECK &{[\"CMD-SHELL\" \"true\"] \"5s\" \"0s\" \"0s\" \"0s\" '\\x02'}")]
    [InlineData("HEALTHCHECK --interval=90m --timeout=1.5s --start-period=500ms --start-interval=1m CMD [\"a\"]", "HEALTHCHECK &{[\"CMD\" \"a\"] \"1h30m0s\" \"1.5s\" \"500ms\" \"1m0s\" '\\x00'}")]
    [InlineData("HEALTHCHECK NONE", "HEALTHCHECK &{[\"NONE\"] \"0s\" \"0s\" \"0s\" \"0s\" '\\x00'}")]
    public void The_words_are_dockers(string line, string words)
    {
        var place = new SourcePlace(1, 1, 1);
        var instruction = new InstructionParser('\\').Parse(DockerfileReader.ReadOne(line, place));
        var state = StateChanges.Apply(new StageState { Platform = Platform.Current }, instruction, (word, at) => Expansion.Word(word, '\\', _ => null, at));
        state.History.ShouldHaveSingleItem().CreatedBy.ShouldBe(words);
    }
}
