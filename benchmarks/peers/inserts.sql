-- One transaction of pgbench: the three rows every peer's M1 writes at least, and nothing else.
BEGIN;
INSERT INTO ticket (version, created_at, updated_at, number, title, title_key, priority_rank, archived, queue_id,
  state_id, priority_id, customer_user_id)
VALUES (1, now(), now(), '9' || lpad(nextval('benchmark_number')::text, 12, '0'), 'Cannot print', 'cannot print', 3,
  false, :queue, 1, :priority, :customer) RETURNING id AS ticket \gset
INSERT INTO article (number, channel, sender_type, visible_for_customer, author_kind, author_id, author_name,
  recipients, copies, subject, body, reference_ids, created_at, ticket_id)
VALUES (1, 'phone', 'customer', true, 'customer_user', :customer, 'Customer', '[]', '[]', 'Printer',
  repeat('The printer says that it is out of paper, and it is not. ', 5), '[]', now(), :ticket);
INSERT INTO entry (name, shape, subject_kind, subject_id, actor_kind, actor_id, actor_name, data, depth, public, at)
VALUES ('ticket.created', 1, 'ticket', :ticket, 'agent', 1, 'Agent', '{}', 0, true, now());
COMMIT;
