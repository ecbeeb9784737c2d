"""
A pipeline of pypz, of which a process runs one operator:

    stages.py SETTINGS OPERATOR

SETTINGS is a JSON object: location, writers (names of the operators that write), replicas (of the reader), records
(that each writer writes), folder (where each reader appends what it reads, a line of JSON for each batch).
"""
import json
import sys
from pathlib import Path

from pypz.core.commons.parameters import OptionalParameter
from pypz.core.specs.operator import Operator
from pypz.core.specs.pipeline import Pipeline
from pypz.core.specs.utils import Internals
from pypz.executors.operator.executor import OperatorExecutor
from pypz.plugins.kafka_io.ports import KafkaChannelInputPort, KafkaChannelOutputPort

SCHEMA = json.dumps(
    {
        "type": "record",
        "name": "Sample",
        "fields": [{"name": "writer", "type": "string"}, {"name": "i", "type": "long"}],
    }
)
BATCH_RECORDS = 100


class Stage(Operator):
    """What pypz asks of every operator."""

    def _on_init(self) -> bool:
        return True

    def _on_shutdown(self) -> bool:
        return True

    def _on_interrupt(self, signal_number: int = None) -> None:
        pass

    def _on_error(self, source, exception) -> None:
        print("error", source, repr(exception), file=sys.stderr)


class Writer(Stage):
    records = OptionalParameter(int, alt_name="records")

    def __init__(self, name=None, *args, **kwargs):
        super().__init__(name, *args, **kwargs)
        self.records = 0
        self.written = 0
        self.output_port = KafkaChannelOutputPort(schema=SCHEMA)

    def _on_running(self) -> bool:
        end = min(self.records, self.written + BATCH_RECORDS)
        name = self.get_simple_name()
        self.output_port.send([{"writer": name, "i": i} for i in range(self.written, end)])
        self.written = end
        return end == self.records


class Reader(Stage):
    folder = OptionalParameter(str, alt_name="folder")

    def __init__(self, name=None, *args, **kwargs):
        super().__init__(name, *args, **kwargs)
        self.folder = ""
        self.input_port = KafkaChannelInputPort(schema=SCHEMA)

    def _on_running(self) -> None:
        records = self.input_port.retrieve()
        if records:
            with (Path(self.folder) / self.get_full_name()).open("a") as file:
                file.write(json.dumps(records) + "\n")
        self.input_port.commit_current_read_offset()


class Stages(Pipeline):
    def __init__(self, name, writers, replicas):
        super().__init__(name)
        self.reader = Reader()
        self.reader.set_parameter("replicationFactor", replicas)
        for writer in writers:
            setattr(self, writer, Writer(writer))
            self.reader.input_port.connect(getattr(self, writer).output_port)


if __name__ == "__main__":
    settings = json.loads(sys.argv[1])
    pipeline = Stages(settings["pipeline"], settings["writers"], settings["replicas"])
    pipeline.set_parameter(">>channelLocation", settings["location"])
    # pypz takes one record from each poll unless it is told otherwise.
    pipeline.set_parameter(">>channelConfig", {"max_poll_records": 500})
    for name in settings["writers"]:
        getattr(pipeline, name).set_parameter("records", settings["records"])
    pipeline.reader.set_parameter("folder", settings["folder"])
    operator = Internals(pipeline).nested_instances[sys.argv[2]]
    sys.exit(OperatorExecutor(operator).execute())
