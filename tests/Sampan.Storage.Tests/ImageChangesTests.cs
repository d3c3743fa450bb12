using Sampan.Oci.Images;
using Sampan.Storage.Images.Changes;

namespace Sampan.Storage.Tests;

public sealed class ImageChangesTests
{
    [Fact]
    public void Every_instruction_sets_its_field()
    {
        var image = ImageChanges.Apply(new ImageDefaults { Env = ["PATH=/bin", "A=old"] },
        [
            "CMD [\"a\", \"b\"]", "entrypoint run it", "ENV A=1 B=\"two words\" C=x\\ y", "ENV OLD the rest of the line", "EXPOSE 80 53/UDP 80/tcp",
            "LABEL a=1 \"b c\"='d e'", "ONBUILD RUN x", "STOPSIGNAL SIGQUIT", "USER www:www", "VOLUME /a /b", "VOLUME [\"/c\"]", "WORKDIR /srv", "WORKDIR www/../app",
        ]);

        image.Cmd.ShouldBe(["a", "b"]);
        image.Entrypoint.ShouldBe(["/bin/sh", "-c", "run it"]);
        image.Env.ShouldBe(["PATH=/bin", "A=1", "B=two words", "C=x y", "OLD=the rest of the line"]);
        image.ExposedPorts.ShouldBe(["80/tcp", "53/udp"]);
        image.Labels.ShouldBe(new Dictionary<string, string> { ["a"] = "1", ["b c"] = "d e" }, ignoreOrder: true);
        image.OnBuild.ShouldBe(["RUN x"]);
        image.StopSignal.ShouldBe("SIGQUIT");
        image.User.ShouldBe("www:www");
        image.Volumes.ShouldBe(["/a", "/b", "/c"]);
        image.WorkingDir.ShouldBe("/srv/app");
    }

    [Theory]
    [InlineData("RUN true", "RUN is not a valid change command")]
    [InlineData("CMD", "CMD requires at least one argument")]
    [InlineData("ENV A", "want NAME=value")]
    [InlineData("ENV A=1 B", "want NAME=value")]
    [InlineData("ENV =x", "want NAME=value")]
    [InlineData("EXPOSE http", "invalid port 'http'")]
    [InlineData("EXPOSE 70000", "invalid port '70000'")]
    [InlineData("EXPOSE 80/ip", "invalid port '80/ip'")]
    [InlineData("LABEL a=\"open", "a quote is not closed")]
    public void Bad_instructions_are_refused_by_name(string instruction, string why) =>
        Should.Throw<StorageException>(() => ImageChanges.Apply(new ImageDefaults(), [instruction])).ShouldSatisfyAllConditions(
            e => e.Kind.ShouldBe(StorageError.InvalidInput), e => e.Message.ShouldBe($"invalid change '{instruction}': {why}"));

    [Fact]
    public void A_range_of_ports_is_each_of_them()
    {
        ImageChanges.Apply(new ImageDefaults(), ["EXPOSE 80 8000-8002/udp"]).ExposedPorts.ShouldBe(["80/tcp", "8000/udp", "8001/udp", "8002/udp"]);
        foreach (var bad in new[] { "0", "10-9", "1-", "-1", "1-70000", "1-2/icmp", "a-b" })
            Should.Throw<StorageException>(() => ImageChanges.Apply(new ImageDefaults(), [$"EXPOSE {bad}"])).Message.ShouldContain("invalid port");
    }

    [Fact]
    public void A_health_check_is_read_with_its_options()
    {
        ImageChanges.Apply(new ImageDefaults(), ["HEALTHCHECK --interval=1m30s --timeout=500ms --start-period=0s --retries=5 CMD curl -f http://localhost/"]).Healthcheck.ShouldNotBeNull()
            .ShouldSatisfyAllConditions(
                h => h.Test.ShouldBe(["CMD-SHELL", "curl -f http://localhost/"]),
                h => h.Interval.ShouldBe(90_000_000_000),
                h => h.Timeout.ShouldBe(500_000_000),
                h => h.StartPeriod.ShouldBe(0),
                h => h.Retries.ShouldBe(5));
        ImageChanges.Apply(new ImageDefaults(), ["HEALTHCHECK CMD [\"true\"]"]).Healthcheck.ShouldNotBeNull().Test.ShouldBe(["CMD", "true"]);
        ImageChanges.Apply(new ImageDefaults(), ["HEALTHCHECK NONE"]).Healthcheck.ShouldNotBeNull().Test.ShouldBe(["NONE"]);
        foreach (var bad in new[] { "CMD", "NONE x", "SHELL x", "--interval=1 CMD x", "--interval=1x CMD x", "--retries=-1 CMD x", "--what=1 CMD x", "--interval=1ns CMD x", "--interval=1s" })
            Should.Throw<StorageException>(() => ImageChanges.Apply(new ImageDefaults(), [$"HEALTHCHECK {bad}"])).Kind.ShouldBe(StorageError.InvalidInput);
    }
}
