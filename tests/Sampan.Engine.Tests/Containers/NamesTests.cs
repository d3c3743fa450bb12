using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Containers.Processes;

namespace Sampan.Engine.Tests.Containers;

public sealed class NamesTests
{
    [Theory]
    [InlineData("SIGTERM", 15)]
    [InlineData("term", 15)]
    [InlineData("9", 9)]
    [InlineData("SIGRTMIN+3", 37)]
    [InlineData("RTMAX", 64)]
    [InlineData("SIGCLD", 17)]
    public void Signals_are_read(string text, int number)
    {
        SignalName.TryParse(text, out var signal).ShouldBeTrue();
        signal.ShouldBe(number);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SIG")]
    [InlineData("0")]
    [InlineData("65")]
    [InlineData("-1")]
    [InlineData("SIGNOPE")]
    [InlineData("RTMIN+99")]
    public void What_is_no_signal_is_not(string text) => SignalName.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void Generated_names_are_valid_names()
    {
        for (var i = 0; i < 200; i++)
            ContainerName.Check(ContainerName.Generate(i % 5)).ShouldMatch("^[a-z]+_[a-z]+[0-9]*$");
    }

    [Fact]
    public void Ids_are_64_digits_and_never_a_number()
    {
        var ids = Enumerable.Range(0, 200).Select(_ => ContainerName.NewId()).ToList();
        ids.Distinct().Count().ShouldBe(200);
        ids.ShouldAllBe(id => id.Length == 64 && id.Take(12).Any(char.IsAsciiLetter));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("-ab")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("")]
    public void What_is_no_name_is_refused(string name) =>
        Should.Throw<EngineException>(() => ContainerName.Check(name)).Kind.ShouldBe(ErrorKind.InvalidArgument);

    [Theory]
    [InlineData("80", "80/tcp")]
    [InlineData("53/udp", "53/udp")]
    [InlineData("9/SCTP", "9/sctp")]
    public void Ports_are_read(string text, string notation)
    {
        ContainerPort.TryParse(text, out var port).ShouldBeTrue();
        port.ToString().ShouldBe(notation);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("80/icmp")]
    [InlineData("-1/tcp")]
    [InlineData("http")]
    public void What_is_no_port_is_not(string text) => ContainerPort.TryParse(text, out _).ShouldBeFalse();
}
