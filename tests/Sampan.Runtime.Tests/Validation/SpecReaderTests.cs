using Sampan.Runtime.Validation;

namespace Sampan.Runtime.Tests.Validation;

/// <summary>What is wrong in a document is told by its path.</summary>
public sealed class SpecReaderTests
{
    [Theory]
    [InlineData("""{"ociVersion": 5}""", "ociVersion: a text is expected, in line 1")]
    [InlineData("""{"process": {"args": "x"}}""", "process.args: a list is expected, in line 1")]
    [InlineData("{\n\"process\": {\n\"args\": [\"a\", 7]}}", "process.args[1]: a text is expected, in line 3")]
    [InlineData("""{"process": {"user": {"uid": -1}}}""", "process.user.uid: a whole number from 0 to 4294967295 is expected, in line 1")]
    [InlineData("""{"process": {"terminal": "yes"}}""", "process.terminal: true or false is expected, in line 1")]
    [InlineData("""{"linux": {"namespaces": [{"type": "pid"}, {"type": {}}]}}""", "linux.namespaces[1].type: a text is expected, in line 1")]
    [InlineData("""{"linux": {"resources": {"memory": {"limit": 1e99}}}}""", "linux.resources.memory.limit: a whole number from -9223372036854775808 to 9223372036854775807 is expected, in line 1")]
    [InlineData("""{"linux": {"timeOffsets": {"mono.tonic": {"secs": "1"}}}}""", "secs: a whole number from -9223372036854775808 to 9223372036854775807 is expected, in line 1")]
    [InlineData("[]", "the document: an object is expected, in line 1")]
    [InlineData("", "it is not JSON, in line 1")]
    [InlineData("{", "it is not JSON, in line 1")]
    [InlineData("null", "it is null")]
    public void A_value_of_the_wrong_kind_is_named_with_what_belongs_there(string document, string message)
    {
        var failure = Should.Throw<RuntimeException>(() => SpecReader.Read(System.Text.Encoding.UTF8.GetBytes(document)));
        failure.Message.ShouldStartWith("invalid config.json: ");
        failure.Message.ShouldContain(message);
        failure.Message.ShouldNotContain("\n");
    }

    [Fact]
    public void Nesting_that_would_exhaust_the_stack_is_refused()
    {
        var document = "{\"annotations\": " + string.Concat(Enumerable.Repeat("[", 100_000));
        Should.Throw<RuntimeException>(() => SpecReader.Read(System.Text.Encoding.UTF8.GetBytes(document))).Message.Length.ShouldBeLessThan(500);
    }
}
